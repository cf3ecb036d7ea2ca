import { QueuedHost } from "../host/queued-host";
import { driver as driverKind } from "../lifecycle/kinds/driver";
import { scrubber } from "../lifecycle/secrets";
import type { Cargo } from "../lifecycle/resource-kind";
import { inWords } from "../lifecycle/thrown";
import type { Connection } from "../model/connection";
import { isUserError, type UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { ConnectionPool } from "../ssh";
import type { Outlook } from "./outlook";
import { planAhead } from "./plan-ahead";
import { desiresOf, type WantedHost } from "./wanted-host";
import { whoseOn, type Whose } from "./whose";

export interface LookOptions {
  /** How many connections are being opened at a time. Default: 10, what sshd lets in by itself. */
  dialsAtOnce?: number;
  /** Whose hosts they are. Default: who is written down on them. */
  whose?: Whose;
  /** Called as each host is done. */
  onSeen?: (outlook: Outlook) => void;
  /** Where the facts come from; tests have a place of their own. */
  factsAt?: (connection: Connection) => Promise<HostFacts>;
}

/**
 * Looks at hosts, and says of each what `up` would do there. Reads only, all hosts side by side; no connection is left when it
 * ends. A host that cannot be looked at is part of the answer, and hides no other.
 */
export async function lookAhead(hosts: readonly WantedHost[], options: LookOptions = {}): Promise<Outlook[]> {
  const pool = new ConnectionPool(undefined, options.dialsAtOnce);
  const factsAt = options.factsAt ?? ((connection) => new QueuedHost(patient(connection), { pool }).facts());
  const cargo = packages();
  const look = async (wanted: WantedHost): Promise<Outlook> => {
    const outlook = await outlookOf(wanted, factsAt, cargo, options.whose);
    options.onSeen?.(outlook);
    return outlook;
  };
  try {
    return await Promise.all(hosts.map(look));
  } finally {
    pool.closeAll();
  }
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
    return { host, is: "away", because: scrubber(connection)(inWords(error)) };
  }
}

/** Whoever only looks need not wait as long as whoever works there. */
export const patient = (connection: Connection): Connection => ({ dialErrorLimit: 1, perDialTimeout: 10, ...connection });

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
