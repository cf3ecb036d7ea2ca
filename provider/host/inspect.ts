import { z } from "zod";
import { errorMessage } from "../lifecycle/engine/errors";
import { formatIssue } from "../lifecycle/parse";
import type { Connection } from "../model/connection";
import { connection as schema } from "../model/connection";
import { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { redactor } from "../model/redact";
import { ConnectionPool } from "../ssh";
import { QueuedHost } from "./queued-host";

export interface ReadOptions {
  /** How many connections are being opened at a time. Default: 10, what sshd lets in by itself. */
  maxConnections?: number;
  /** Where the facts come from; tests have a place of their own. */
  factsAt?: (connection: Connection) => Promise<HostFacts>;
}

/** Does something with each host that takes its facts, all side by side; no connection is left when it ends. */
export async function withEachHost<Host, Result>(
  hosts: readonly Host[],
  { maxConnections, factsAt }: ReadOptions,
  work: (host: Host, factsAt: NonNullable<ReadOptions["factsAt"]>) => Promise<Result>,
): Promise<Result[]> {
  const pool = new ConnectionPool(undefined, maxConnections);
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
export const unreachableReason = (connection: Connection, error: unknown): string =>
  redactor(connection)(errorMessage(error));

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
  throw new UserError({ action: "inspect a host", cause: error.issues.map(formatIssue).join("; ") });
}

/** A host that was to be looked at: its facts, or why there are none. */
export type Inspected<Host> = Host & ({ facts: HostFacts } | { away: string });

export type InspectOptions = ReadOptions & { onHost?: () => void };

/** The facts of hosts, read side by side; one that is away hides no other. No connection is left when it ends. */
export function inspectHosts<Host extends { connection: Connection }>(
  hosts: readonly Host[],
  options: InspectOptions = {},
): Promise<Inspected<Host>[]> {
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
