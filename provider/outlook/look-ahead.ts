import { driver as driverKind } from "../lifecycle/kinds/driver";
import type { Cargo } from "../lifecycle/resource-kind";
import { isUserError, type UserError } from "../model/errors";
import type { Outlook } from "./outlook";
import { planAhead } from "./plan-ahead";
import { type ReadOptions, sideBySide, whyAway } from "./side-by-side";
import { desiresOf, type WantedHost } from "./wanted-host";
import { whoseOn, type Whose } from "./whose";

export interface LookOptions extends ReadOptions {
  /** Whose hosts they are. Default: who is written down on them. */
  whose?: Whose;
  /** Called as each host is done. */
  onSeen?: (outlook: Outlook) => void;
}

/**
 * Looks at hosts, and says of each what `up` would do there. Reads only, all hosts side by side; no connection is left when it
 * ends. A host that cannot be looked at is part of the answer, and hides no other.
 */
export function lookAhead(hosts: readonly WantedHost[], options: LookOptions = {}): Promise<Outlook[]> {
  const cargo = packages();
  return sideBySide(hosts, options, async (wanted, factsAt) => {
    const outlook = await outlookOf(wanted, factsAt, cargo, options.whose);
    options.onSeen?.(outlook);
    return outlook;
  });
}

type Facts = NonNullable<LookOptions["factsAt"]>;
type Packages = (wanted: WantedHost) => Promise<Cargo | UserError | undefined>;

async function outlookOf(wanted: WantedHost, factsAt: Facts, packageOf: Packages, whose?: Whose): Promise<Outlook> {
  const { host, connection, maintenance } = wanted;
  if (maintenance !== undefined) return { host, is: "in maintenance", because: maintenance };
  try {
    const [facts, cargo] = await Promise.all([factsAt(connection), packageOf(wanted)]);
    const desires = desiresOf(wanted, facts, whose ?? whoseOn(facts), isUserError(cargo) ? undefined : cargo);
    const plan = planAhead(facts, desires);
    if (isUserError(cargo)) plan.blockers.unshift({ seen: cargo.message, next: "", for: [desires.driver!.key] });
    const { productUuid, machineId } = facts.system.identity;
    return { host, is: "seen", plan, identity: { productUuid, machineId } };
  } catch (error) {
    return { host, is: "away", because: whyAway(connection, error) };
  }
}

/** Each file is read once, however many hosts it is for. One that is not as it should be is in the way, and hides nothing else. */
function packages(): Packages {
  const read = new Map<string, ReturnType<Packages>>();
  return async ({ driver }) => {
    if (driver === undefined || typeof driver.package !== "string") return undefined;
    const key = `${driver.sha256 ?? ""} ${driver.package}`;
    const known = read.get(key);
    if (known) return known;
    const reading = driverKind.cargo!(driver).catch((error: unknown) => {
      if (isUserError(error)) return error;
      throw error;
    });
    read.set(key, reading);
    return reading;
  };
}
