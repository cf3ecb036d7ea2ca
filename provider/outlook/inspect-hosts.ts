import { QueuedHost } from "../host/queued-host";
import { scrubber } from "../lifecycle/secrets";
import { inWords } from "../lifecycle/thrown";
import type { Connection } from "../model/connection";
import type { HostFacts } from "../model/facts/host-facts";
import { ConnectionPool } from "../ssh";
import { patient, type LookOptions } from "./look-ahead";

/** A host that was to be looked at: its facts, or why there are none. */
export type Inspected<Host> = Host & ({ facts: HostFacts } | { away: string });

export type InspectOptions = Pick<LookOptions, "dialsAtOnce" | "factsAt"> & { onSeen?: () => void };

/** The facts of hosts, read side by side; one that is away hides no other. No connection is left when it ends. */
export async function inspectHosts<Host extends { connection: Connection }>(
  hosts: readonly Host[], { dialsAtOnce, factsAt, onSeen }: InspectOptions = {},
): Promise<Inspected<Host>[]> {
  const pool = new ConnectionPool(undefined, dialsAtOnce);
  const read = factsAt ?? ((connection: Connection) => new QueuedHost(patient(connection), { pool }).facts());
  const inspect = async (host: Host): Promise<Inspected<Host>> => {
    try {
      return { ...host, facts: await read(host.connection) };
    } catch (error) {
      return { ...host, away: scrubber(host.connection)(inWords(error)) };
    } finally {
      onSeen?.();
    }
  };
  try {
    return await Promise.all(hosts.map(inspect));
  } finally {
    pool.closeAll();
  }
}
