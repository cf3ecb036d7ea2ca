import { z } from "zod";
import type { Connection } from "../model/connection";
import { connection as schema } from "../model/connection";
import { errorMessage, UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { formatIssue } from "../model/issue";
import { redactor } from "../model/redact";
import { ConnectionPool } from "../ssh";
import { requireNoLocalMistakes } from "./local-mistakes";
import { QueuedHost } from "./queued-host";

export interface ReadOptions {
  /** Maximum number of logins at the same time. Default: 16; 10 to one server, which is what sshd accepts by default. */
  maxConnections?: number;
  /** Returns the facts of a host. Tests replace it. */
  factsAt?: (connection: Connection) => Promise<HostFacts>;
}

/** Runs something that needs facts for each host, in parallel. No connection is left open when it ends. */
export async function withEachHost<Host, Result>(
  hosts: readonly Host[],
  { maxConnections, factsAt }: ReadOptions,
  work: (host: Host, factsAt: NonNullable<ReadOptions["factsAt"]>) => Promise<Result>,
): Promise<Result[]> {
  const pool = new ConnectionPool(undefined, maxConnections);
  const read = factsAt ?? ((connection: Connection) => new QueuedHost(withShortTimeouts(connection), { pool }).facts());
  try {
    return await Promise.all(hosts.map((host) => work(host, read)));
  } finally {
    pool.closeAll();
  }
}

/** An inspection waits less long for a host than a change does. */
const withShortTimeouts = (connection: Connection): Connection => ({
  dialErrorLimit: 1,
  perDialTimeout: 10,
  ...connection,
});

/** Returns why a host could not be inspected, without the secrets of its connection. */
export const unreachableReason = (connection: Connection, error: unknown): string =>
  redactor(connection)(errorMessage(error));

/**
 * Inspects a host and returns all facts that plans are based on. It changes nothing, and leaves no connection open. What could not
 * be read is `{unknown: why}`, never a guess.
 *
 * @example
 * const { driver, gpus } = await inspectHost({ host: "gpu01.example", user: "ops", privateKeyPath: "~/.ssh/id_ed25519" });
 */
export async function inspectHost(connection: Connection): Promise<HostFacts> {
  const checked = checkedConnection(connection);
  // An own pool, which is closed: an open connection would keep a Pulumi program from ending.
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
  throw new UserError({ action: "inspect a host", cause: error.issues.map(formatIssue).join("; ") });
}

/** A host that was inspected: its facts, or why it is unreachable. */
export type Inspected<Host> = Host & ({ facts: HostFacts } | { away: string });

export type InspectOptions = ReadOptions & { onHost?: () => void };

/** Reads the facts of hosts in parallel. An unreachable host does not affect the others. No connection is left open when it ends. */
export async function inspectHosts<Host extends { name?: string; connection: Connection }>(
  hosts: readonly Host[],
  options: InspectOptions = {},
): Promise<Inspected<Host>[]> {
  if (!options.factsAt)
    requireNoLocalMistakes(hosts.map(({ name, connection }) => ({ host: name ?? connection.host, connection })));
  return withEachHost(hosts, options, async (host, factsAt): Promise<Inspected<Host>> => {
    try {
      return { ...host, facts: await factsAt(host.connection) };
    } catch (error) {
      return { ...host, away: unreachableReason(host.connection, error) };
    } finally {
      options.onHost?.();
    }
  });
}
