import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import type { Connection, ProxyConnection } from "../model/connection";
import { parseHostAddress, withoutBrackets } from "../model/host-address";
import { expandHome } from "./local-file";
import type { SshConfigHost } from "./ssh-config";
import { sshConfigOf } from "./ssh-config";

export interface Credentials {
  password?: string;
  privateKey?: string;
  privateKeyPath?: string;
  /** Of ~/.ssh/config: those that exist are tried. */
  identityFiles?: string[];
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
  /** Of ~/.ssh/config, in place of ~/.ssh/known_hosts. */
  knownHostsFiles?: string[];
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
  /** The hosts of ~/.ssh/config through which this one is a jump host: none leads to itself. */
  jumpsFrom?: readonly string[];
}

/** Adds to a connection what ~/.ssh/config says of its host, and the defaults. The connection's own properties come first. */
export function endpoint(connection: Connection | ProxyConnection, use: Use = {}): Endpoint {
  const { isForReading = false, isJumpHost = false } = use;
  const given = withoutBrackets(connection.host);
  const config = sshConfigOf(given, connection.user);
  const host = config.hostName ?? given;
  const { hostKey, knownHosts, dialErrorLimit = 3, perDialTimeout = 15 } = connection;
  const { port = config.port ?? 22, user = config.user ?? "root" } = connection;
  const credentials = credentialsOf(connection, config);
  const knownHostsFiles = (hostKey ?? knownHosts) ? undefined : config.knownHostsFiles;
  const via = connection.proxy
    ? endpoint(connection.proxy, { isForReading, isJumpHost: true })
    : jumpHost(given, config, use);
  return {
    host,
    port,
    user,
    credentials,
    hostKey,
    knownHosts,
    knownHostsFiles,
    via,
    dialErrorLimit,
    dialTimeoutMs: perDialTimeout === 0 ? Infinity : perDialTimeout * 1000,
    isForReading,
    name: `${isJumpHost ? "jump host " : ""}${user}@${hostAndPort(host, port)}`,
    key: digest([host, port, user, hostKey, knownHosts, knownHostsFiles, credentials, via?.key]),
  };
}

function credentialsOf(connection: Connection | ProxyConnection, config: SshConfigHost): Credentials {
  const { password, privateKey, privateKeyPath, privateKeyPassword } = connection;
  const hasOwnKey = privateKey !== undefined || privateKeyPath !== undefined;
  const identityFiles = hasOwnKey || config.identityFiles.length === 0 ? undefined : config.identityFiles;
  const hasFile = identityFiles?.some((file) => existsSync(expandHome(file))) ?? false;
  const agent = config.identityAgent === undefined ? process.env.SSH_AUTH_SOCK || undefined : config.identityAgent;
  const configured = config.identitiesOnly && hasFile ? undefined : (agent ?? undefined);
  const agentSocketPath = connection.agentSocketPath ?? configured;
  return { password, privateKey, privateKeyPath, identityFiles, privateKeyPassword, agentSocketPath };
}

/** Returns the last jump host of ProxyJump, with the ones before it. */
function jumpHost(
  name: string,
  { proxyJump }: SshConfigHost,
  { isForReading, jumpsFrom = [] }: Use,
): Endpoint | undefined {
  const from = [...jumpsFrom, name];
  const jumps = proxyJump.map((text) => parseHostAddress(text) ?? { host: text });
  // "Host *" with ProxyJump also fits the jump host.
  if (jumps.some(({ host }) => from.includes(host))) return undefined;
  const proxy = jumps.reduce<ProxyConnection | undefined>(
    (before, jump) => ({ ...jump, ...(before && { proxy: before }) }),
    undefined,
  );
  return proxy && endpoint(proxy, { isForReading, isJumpHost: true, jumpsFrom: from });
}

function hostAndPort(host: string, port: number): string {
  if (port === 22) return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Returns a digest, so that no key of a map contains a password. */
export const digest = (identity: unknown[]): string =>
  createHash("sha256").update(JSON.stringify(identity)).digest("hex");
