import type { ReadOptions } from "../host/inspect";
import { unreachableReason, withEachHost } from "../host/inspect";
import { requireNoLocalMistakes } from "../host/local-mistakes";
import { driver as driverKind } from "../lifecycle/kinds/driver";
import type { PackageFile } from "../lifecycle/resource-kind";
import type { UserError } from "../model/errors";
import { isUserError } from "../model/errors";
import { planHost } from "../plan/ahead/plan-host";
import { canCompareVgpus } from "../plan/without-root";
import type { DesiredHost } from "./desired-host";
import { hostGoals } from "./desired-host";
import type { HostPreview } from "./host-preview";
import type { Ownership } from "./ownership";
import { ownershipFromRecords } from "./ownership";

export interface PreviewOptions extends ReadOptions {
  /** The owner of the resources. Default: the owner in the records on each host. */
  ownership?: Ownership;
  /** Called after each host. */
  onHost?: (preview: HostPreview) => void;
}

/**
 * Plans what `up` would do on each host. Reads only, all hosts concurrently, and closes all connections at the end. An unreachable
 * host is part of the result; a mistake on this machine is an error, before any host is dialed.
 */
export async function previewHosts(
  hosts: readonly DesiredHost[],
  options: PreviewOptions = {},
): Promise<HostPreview[]> {
  if (!options.factsAt) requireNoLocalMistakes(hosts);
  const readPackage = packageReader();
  return withEachHost(hosts, options, async (desired, factsAt) => {
    const preview = await previewHost(desired, factsAt, readPackage, options.ownership);
    options.onHost?.(preview);
    return preview;
  });
}

type FactsReader = NonNullable<PreviewOptions["factsAt"]>;
type PackageReader = (desired: DesiredHost) => Promise<PackageFile | UserError | undefined>;

async function previewHost(
  desired: DesiredHost,
  factsAt: FactsReader,
  readPackage: PackageReader,
  ownership?: Ownership,
): Promise<HostPreview> {
  const { host, connection, maintenance } = desired;
  if (maintenance !== undefined) return { host, status: "maintenance", reason: maintenance };
  try {
    const [facts, packageFile] = await Promise.all([factsAt(connection), readPackage(desired)]);
    const goals = hostGoals(
      desired,
      facts,
      ownership ?? ownershipFromRecords(facts),
      isUserError(packageFile) ? undefined : packageFile,
    );
    const plan = planHost(facts, goals);
    if (isUserError(packageFile))
      plan.blockers.unshift({ reason: packageFile.message, hint: "", requestedBy: [goals.driver!.key] });
    const { productUuid, machineId } = facts.system.identity;
    const isPartlyRead = goals.vgpus.length > 0 && !canCompareVgpus(facts);
    const identity = { productUuid, machineId };
    return { host, status: "reachable", plan, identity, ...(isPartlyRead && { isPartlyRead }) };
  } catch (error) {
    return { host, status: "unreachable", reason: unreachableReason(connection, error) };
  }
}

/** Returns a function that reads each package file once for all hosts. An error of a package becomes a blocker. */
function packageReader(): PackageReader {
  const readings = new Map<string, ReturnType<PackageReader>>();
  return async ({ driver }) => {
    if (driver === undefined || typeof driver.package !== "string") return undefined;
    const key = `${driver.sha256 ?? ""} ${driver.package}`;
    const known = readings.get(key);
    if (known) return known;
    const reading = driverKind.upload!(driver).catch((error: unknown) => {
      if (isUserError(error)) return error;
      throw error;
    });
    readings.set(key, reading);
    return reading;
  };
}
