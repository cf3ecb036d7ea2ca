import { createHash } from "node:crypto";
import type { Connection } from "../model/connection";
import { endpoint } from "../ssh/endpoint";
import type { Host } from "./host";
import { QueuedHost } from "./queued-host";

export type { AppliedStep, FactsOptions, Host, Outcome, Request } from "./host";

const hosts = new Map<string, Host>();

/** The host behind a connection; the same one for all who reach it in the same way. */
export function hostAt(connection: Connection): Host {
  const key = keyOf(connection);
  const host = hosts.get(key) ?? new QueuedHost(connection);
  hosts.set(key, host);
  return host;
}

/** Only a digest, so that no key of a map holds a password. */
const keyOf = (connection: Connection): string =>
  createHash("sha256")
    .update(JSON.stringify([endpoint(connection).key, connection.sudo]))
    .digest("hex");
