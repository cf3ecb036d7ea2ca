import type { ReadOptions } from "../host/inspect";
import { unreachableReason, withEachHost } from "../host/inspect";
import { driver as driverKind } from "../lifecycle/kinds/driver";
import type { PackageFile } from "../lifecycle/resource-kind";
import type { UserError } from "../model/errors";
import { isUserError } from "../model/errors";
import type { DesiredHost } from "./desired-host";
import { hostGoals } from "./desired-host";
import type { HostPreview } from "./host-preview";
import type { Ownership } from "./ownership";
import { ownershipFromRecords } from "./ownership";
import { planHost } from "./plan-host";

export interface PreviewOptions extends ReadOptions {
  /** Whose hosts they are. Default: who is written down on them. */
  ownership?: Ownership;
  /** Called as each host is done. */
  onHost?: (outlook: HostPreview) => void;
}

/**
 * Looks at hosts, and says of each what `up` would do there. Reads only, all hosts side by side; no connection is left when it
 * ends. A host that cannot be looked at is part of the answer, and hides no other.
 */
export function previewHosts(hosts: readonly DesiredHost[], options: PreviewOptions = {}): Promise<HostPreview[]> {
  const cargo = packageReader();
  return withEachHost(hosts, options, async (wanted, factsAt) => {
    const outlook = await previewHost(wanted, factsAt, cargo, options.ownership);
    options.onHost?.(outlook);
    return outlook;
  });
}

type FactsReader = NonNullable<PreviewOptions["factsAt"]>;
type PackageReader = (wanted: DesiredHost) => Promise<PackageFile | UserError | undefined>;

async function previewHost(
  wanted: DesiredHost,
  factsAt: FactsReader,
  packageOf: PackageReader,
  whose?: Ownership,
): Promise<HostPreview> {
  const { host, connection, maintenance } = wanted;
  if (maintenance !== undefined) return { host, status: "maintenance", reason: maintenance };
  try {
    const [facts, cargo] = await Promise.all([factsAt(connection), packageOf(wanted)]);
    const goals = hostGoals(
      wanted,
      facts,
      whose ?? ownershipFromRecords(facts),
      isUserError(cargo) ? undefined : cargo,
    );
    const plan = planHost(facts, goals);
    if (isUserError(cargo))
      plan.blockers.unshift({ reason: cargo.message, hint: "", requestedBy: [goals.driver!.key] });
    const { productUuid, machineId } = facts.system.identity;
    return { host, status: "reachable", plan, identity: { productUuid, machineId } };
  } catch (error) {
    return { host, status: "unreachable", reason: unreachableReason(connection, error) };
  }
}

/** Each file is read once, however many hosts it is for. One that is not as it should be is in the way, and hides nothing else. */
function packageReader(): PackageReader {
  const read = new Map<string, ReturnType<PackageReader>>();
  return async ({ driver }) => {
    if (driver === undefined || typeof driver.package !== "string") return undefined;
    const key = `${driver.sha256 ?? ""} ${driver.package}`;
    const known = read.get(key);
    if (known) return known;
    const reading = driverKind.upload!(driver).catch((error: unknown) => {
      if (isUserError(error)) return error;
      throw error;
    });
    read.set(key, reading);
    return reading;
  };
}
