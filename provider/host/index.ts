import type { Connection } from "../model/connection";
import { digest, endpoint } from "../ssh/endpoint";
import type { Host } from "./host";
import { QueuedHost } from "./queued-host";

export type { AppliedStep, FactsOptions, Host, Outcome, Request } from "./host";

const hosts = new Map<string, Host>();

/** Returns the host of a connection; the same one for equal connections. */
export function hostAt(connection: Connection): Host {
  const key = digest([endpoint(connection).key, connection.sudo, connection.readOnly]);
  const host = hosts.get(key) ?? new QueuedHost(connection);
  hosts.set(key, host);
  return host;
}
