import { QueuedHost } from "../host/queued-host";
import { scrubber } from "../lifecycle/secrets";
import { inWords } from "../lifecycle/thrown";
import type { Connection } from "../model/connection";
import type { HostFacts } from "../model/facts/host-facts";
import { ConnectionPool } from "../ssh";

export interface ReadOptions {
  /** How many connections are being opened at a time. Default: 10, what sshd lets in by itself. */
  dialsAtOnce?: number;
  /** Where the facts come from; tests have a place of their own. */
  factsAt?: (connection: Connection) => Promise<HostFacts>;
}

/** Does something with each host that takes its facts, all side by side; no connection is left when it ends. */
export async function sideBySide<Host, Result>(
  hosts: readonly Host[], { dialsAtOnce, factsAt }: ReadOptions, work: (host: Host, factsAt: NonNullable<ReadOptions["factsAt"]>) => Promise<Result>,
): Promise<Result[]> {
  const pool = new ConnectionPool(undefined, dialsAtOnce);
  const read = factsAt ?? ((connection: Connection) => new QueuedHost(patient(connection), { pool }).facts());
  try {
    return await Promise.all(hosts.map((host) => work(host, read)));
  } finally {
    pool.closeAll();
  }
}

/** Whoever only looks need not wait as long as whoever works there. */
const patient = (connection: Connection): Connection => ({ dialErrorLimit: 1, perDialTimeout: 10, ...connection });

/** Why a host could not be looked at, without the secrets of its connection. */
export const whyAway = (connection: Connection, error: unknown): string => scrubber(connection)(inWords(error));
