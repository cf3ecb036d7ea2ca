import type { Fleet, FleetConnection, SecretReference } from "../fleet";
import { readFleet, resolveLocally } from "../fleet";
import { expand } from "../fleet/ranges";
import { resolveConnection } from "../fleet/resolve";
import { noSuchHost } from "../fleet/show";
import { checkedConnection } from "../host/inspect";
import type { Connection } from "../model/connection";
import { UserError } from "../model/errors";

/** A machine that is to be looked at. */
export interface Target {
  name: string;
  /** As a fleet file would say it, with secrets by reference. */
  declaredConnection: FleetConnection;
  connection: Connection;
}

export interface LoginFlags {
  user?: string;
  port?: number;
  identityFile?: string;
  knownHosts?: string;
  sudo?: boolean;
  /** Where it is kept: `env:NAME` or `file:PATH`. */
  sudoPassword?: string;
  /** `user@jump:port`, several with commas, the first of which is dialed first. */
  jump?: string;
}

/** The hosts of a command line: names, ranges, `user@host:port`. */
export function targetsFromNames(words: readonly string[], flags: LoginFlags): Target[] {
  const fleet = { path: "the command line", hosts: [] };
  const { port, sudo, sudoPassword } = flags;
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
    ...(proxy && { proxy }),
  };
  return words.flatMap((word) => {
    const { host: pattern, ...own } = parseAddress(word);
    return expand(pattern).map((host) => createTarget(fleet, host, { ...common, ...own, host }));
  });
}

/** The hosts of a fleet file; those in maintenance are left alone. */
export function targetsFromFleet(
  file: string,
  patterns: readonly string[] | undefined,
): { targets: Target[]; leftAlone: Fleet["hosts"] } {
  const fleet = filterHosts(readFleet(file), patterns);
  const isLeftAlone = ({ maintenance }: Fleet["hosts"][number]) => maintenance !== undefined;
  return {
    targets: fleet.hosts
      .filter((host) => !isLeftAlone(host))
      .map(({ name, connection }) => createTarget(fleet, name, connection)),
    leftAlone: fleet.hosts.filter(isLeftAlone),
  };
}

const createTarget = (fleet: Fleet, name: string, declaredConnection: FleetConnection): Target => ({
  name,
  declaredConnection,
  connection: checkedConnection(resolveConnection(fleet, declaredConnection, resolveLocally(fleet)) as Connection),
});

/** That of the jump hosts too. */
const loginSettings = ({ user, identityFile, knownHosts }: LoginFlags) => ({
  ...(user !== undefined && { user }),
  ...(identityFile !== undefined && { privateKeyPath: identityFile }),
  ...(knownHosts !== undefined && { knownHosts }),
});

// An address of IPv6 has brackets when a port follows, and a range has brackets too.
const addressPattern =
  /^(?:(?<user>[^@]+)@)?(?:\[(?<bracketed>[\da-f.]*:[\da-f:.]*)\]|(?<bare>[\da-f.]*:[\da-f.]*:[\da-f:.]*)|(?<name>[^:@]+))(?::(?<port>\d+))?$/i;

function parseAddress(word: string): { host: string; user?: string; port?: number } {
  const { user, bracketed, bare, name, port } = addressPattern.exec(word)?.groups ?? {};
  const host = bracketed ?? bare ?? name;
  if (host === undefined)
    throw new UserError({ action: `look at "${word}"`, cause: "it does not read [user@]host[:port]" });
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) };
}

function parseReference(text: string): SecretReference {
  const [, kind, where] = /^(env|file):(.+)$/.exec(text) ?? [];
  // What was written may be the password itself.
  if (!where)
    throw new UserError({
      action: "look up the password for sudo",
      cause: "--sudo-password does not say where it is kept",
      hint: "Say env:NAME or file:PATH",
    });
  return kind === "env" ? { env: where } : { file: where };
}

/** A fleet with no hosts but those that are named, singly or as ranges; without a word, with all. */
export function filterHosts(fleet: Fleet, patterns: readonly string[] | undefined): Fleet {
  if (!patterns) return fleet;
  const wanted = new Set(patterns.flatMap(expand));
  const names = fleet.hosts.map(({ name }) => name);
  const unknown = [...wanted].find((name) => !names.includes(name));
  if (unknown === undefined) return { ...fleet, hosts: fleet.hosts.filter(({ name }) => wanted.has(name)) };
  throw noSuchHost(fleet, unknown, "select");
}
