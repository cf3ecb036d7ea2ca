import { createHash } from "node:crypto";
import type { Connection, ProxyConnection } from "../model/connection";
import { withoutBrackets } from "../model/host-address";

export interface Credentials {
  password?: string;
  privateKey?: string;
  privateKeyPath?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
}

/** A connection with its defaults. */
export interface Endpoint {
  host: string;
  port: number;
  user: string;
  credentials: Credentials;
  hostKey?: string;
  knownHosts?: string;
  /** The jump host. */
  via?: Endpoint;
  dialErrorLimit: number;
  /** Infinity if there is no limit. */
  dialTimeoutMs: number;
  /** Nothing is changed: it is given up soon, so that one dead machine does not delay a report on all others. */
  isForReading: boolean;
  /** For messages: user@host, with the port if it is not 22, and that it is a jump host. */
  name: string;
  /** Equal if one ssh connection can serve both: same machine, jump hosts, login and check of the host key. */
  key: string;
}

export interface Use {
  isForReading?: boolean;
  isJumpHost?: boolean;
}

export function endpoint(
  connection: Connection | ProxyConnection,
  { isForReading = false, isJumpHost = false }: Use = {},
): Endpoint {
  const host = withoutBrackets(connection.host);
  const { hostKey, knownHosts, password, privateKey, privateKeyPath, privateKeyPassword } = connection;
  const { port = 22, user = "root", dialErrorLimit = 3, perDialTimeout = 15 } = connection;
  const agentSocketPath = connection.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
  const credentials = { password, privateKey, privateKeyPath, privateKeyPassword, agentSocketPath };
  const via = connection.proxy && endpoint(connection.proxy, { isForReading, isJumpHost: true });
  return {
    host,
    port,
    user,
    credentials,
    hostKey,
    knownHosts,
    via,
    dialErrorLimit,
    dialTimeoutMs: perDialTimeout === 0 ? Infinity : perDialTimeout * 1000,
    isForReading,
    name: `${isJumpHost ? "jump host " : ""}${user}@${hostAndPort(host, port)}`,
    key: digest([host, port, user, hostKey, knownHosts, Object.values(credentials), via?.key]),
  };
}

function hostAndPort(host: string, port: number): string {
  if (port === 22) return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Returns a digest, so that no key of a map contains a password. */
export const digest = (identity: unknown[]): string =>
  createHash("sha256").update(JSON.stringify(identity)).digest("hex");
