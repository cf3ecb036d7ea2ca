import type { Fleet, FleetConnection, SecretReference } from "../fleet";
import { readFleet, resolveLocally } from "../fleet";
import { expand } from "../fleet/ranges";
import { resolveConnection } from "../fleet/resolve";
import { noSuchHost } from "../fleet/show";
import { checkedConnection } from "../host/inspect";
import type { Connection } from "../model/connection";
import { UserError } from "../model/errors";
import type { HostAddress } from "../model/host-address";
import { parseHostAddress } from "../model/host-address";

/** A host to inspect. */
export interface Target {
  name: string;
  /** The connection as in a fleet file, with references to secrets. */
  declaredConnection: FleetConnection;
  connection: Connection;
}

export interface LoginFlags {
  user?: string;
  port?: number;
  identityFile?: string;
  knownHosts?: string;
  sudo?: boolean;
  readOnly?: boolean;
  /** Source of the password: `env:NAME` or `file:PATH`. */
  sudoPassword?: string;
  /** `user@jump:port`, separated by commas, in the order of dialing. */
  jump?: string;
}

/** Returns the hosts of a command line: names, ranges, `user@host:port`. */
export function targetsFromNames(args: readonly string[], flags: LoginFlags): Target[] {
  const fleet = { path: "the command line", hosts: [] };
  const { port, sudo, sudoPassword, readOnly } = flags;
  const login = loginSettings(flags);
  const proxy = flags.jump?.split(",").reduce<FleetConnection["proxy"]>((before, jump) => {
    const { host, ...own } = parseAddress(jump);
    return { host, ...login, ...own, ...(before && { proxy: before }) };
  }, undefined);
  const common = {
    ...login,
    ...(port !== undefined && { port }),
    ...((sudo || sudoPassword !== undefined) && {
      sudo: sudoPassword === undefined ? {} : { password: parseReference(sudoPassword) },
    }),
    ...(readOnly && { readOnly }),
    ...(proxy && { proxy }),
  };
  return args.flatMap((arg) => {
    const { host: pattern, ...own } = parseAddress(arg);
    return expand(pattern).map((host) => createTarget(fleet, host, { ...common, ...own, host }));
  });
}

/** Returns the hosts of a fleet file. Those in maintenance are skipped. */
export function targetsFromFleet(
  file: string,
  patterns: readonly string[] | undefined,
): { targets: Target[]; skipped: Fleet["hosts"] } {
  const fleet = filterHosts(readFleet(file), patterns);
  const isInMaintenance = ({ maintenance }: Fleet["hosts"][number]) => maintenance !== undefined;
  return {
    targets: fleet.hosts
      .filter((host) => !isInMaintenance(host))
      .map(({ name, connection }) => createTarget(fleet, name, connection)),
    skipped: fleet.hosts.filter(isInMaintenance),
  };
}

const createTarget = (fleet: Fleet, name: string, declaredConnection: FleetConnection): Target => ({
  name,
  declaredConnection,
  connection: checkedConnection(resolveConnection(fleet, declaredConnection, resolveLocally(fleet)) as Connection),
});

/** The login settings that jump hosts share. */
const loginSettings = ({ user, identityFile, knownHosts }: LoginFlags) => ({
  ...(user !== undefined && { user }),
  ...(identityFile !== undefined && { privateKeyPath: identityFile }),
  ...(knownHosts !== undefined && { knownHosts }),
});

function parseAddress(text: string): HostAddress {
  const address = parseHostAddress(text) ?? parseRange(text);
  if (!address) throw new UserError({ action: `parse "${text}"`, cause: "expected [user@]host[:port]" });
  return address;
}

/** A range has brackets too: `ops@gpu[01-08].example:2222`. */
function parseRange(text: string): HostAddress | undefined {
  const { user, host, port } =
    /^(?:ssh:\/\/)?(?:(?<user>[^@]+)@)?(?<host>[^:@]+)(?::(?<port>\d+))?$/.exec(text)?.groups ?? {};
  if (host === undefined) return undefined;
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) };
}

function parseReference(text: string): SecretReference {
  const [, kind, where] = /^(env|file):(.+)$/.exec(text) ?? [];
  // The text may be the password itself, so the message does not contain it.
  if (!where)
    throw new UserError({
      action: "read the sudo password",
      cause: "--sudo-password names no source",
      hint: "Use env:NAME or file:PATH",
    });
  return kind === "env" ? { env: where } : { file: where };
}

/** Returns a fleet with only the named hosts. Names may be ranges; without names, all hosts remain. */
export function filterHosts(fleet: Fleet, patterns: readonly string[] | undefined): Fleet {
  if (!patterns) return fleet;
  const selected = new Set(patterns.flatMap(expand));
  const names = fleet.hosts.map(({ name }) => name);
  const unknown = [...selected].find((name) => !names.includes(name));
  if (unknown === undefined) return { ...fleet, hosts: fleet.hosts.filter(({ name }) => selected.has(name)) };
  throw noSuchHost(fleet, unknown, "select");
}
