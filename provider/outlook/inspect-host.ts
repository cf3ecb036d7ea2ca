import { z } from "zod";
import { QueuedHost } from "../host/queued-host";
import { inWords } from "../lifecycle/issues";
import { connection as schema, type Connection } from "../model/connection";
import { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { ConnectionPool } from "../ssh";

/**
 * Looks at a host, and tells all that plans rest on. It reads only, and leaves no connection behind. What could not be read is
 * `{unknown: why}`, never a guess.
 *
 * @example
 * const { driver, gpus } = await inspectHost({ host: "gpu01.example", user: "ops", privateKeyPath: "~/.ssh/id_ed25519" });
 */
export async function inspectHost(connection: Connection): Promise<HostFacts> {
  const checked = checkedConnection(connection);
  // One of its own: an open connection would keep a Pulumi program from ending.
  const pool = new ConnectionPool();
  try {
    return await new QueuedHost(checked, { pool }).facts();
  } finally {
    pool.closeAll();
  }
}

export function checkedConnection(connection: Connection): Connection {
  const { data, error } = z.object({ connection: schema }).safeParse({ connection });
  if (data) return data.connection;
  throw new UserError({ tried: "inspect a host", seen: error.issues.map(inWords).join("; ") });
}
