import { accessSync, constants, statSync } from "node:fs";
import type { Connection } from "../model/connection";
import { UserError } from "../model/errors";
import { formatHosts } from "../model/host-names";
import { localMistake } from "../ssh";
import { expandHome } from "../ssh/local-file";

/** A host, with what it needs of this machine. */
export interface LocalNeeds {
  host: string;
  connection: Connection;
  driver?: { package?: unknown };
  maintenance?: string;
}

/**
 * Throws if keys, known_hosts or packages on this machine cannot work. No host is dialed for that, and hosts that share a mistake are
 * named together: it is none of theirs. Hosts in maintenance are skipped.
 */
export function requireNoLocalMistakes(hosts: readonly LocalNeeds[]): void {
  const known = new Map<string, string | undefined>();
  const hostsOf = new Map<string, string[]>();
  for (const { host, connection, driver, maintenance } of hosts) {
    if (maintenance !== undefined) continue;
    const { host: _, user: __, port: ___, ...shared } = connection;
    for (const message of [
      once(known, JSON.stringify(shared), () => localMistake(connection)?.message),
      once(known, `package ${driver?.package}`, () => packageMistake(driver?.package)),
    ])
      if (message !== undefined) hostsOf.set(message, [...(hostsOf.get(message) ?? []), host]);
  }
  if (hostsOf.size === 0) return;
  const lines = [...hostsOf].map(([message, names]) => `  - ${formatHosts(names)}: ${message}`);
  throw new UserError({
    action: "prepare the connections",
    cause: `there ${hostsOf.size === 1 ? "is a mistake" : `are ${hostsOf.size} mistakes`} on the machine that runs this program, so no host was dialed:\n${lines.join("\n")}`,
  });
}

function once(known: Map<string, string | undefined>, key: string, find: () => string | undefined): string | undefined {
  if (!known.has(key)) known.set(key, find());
  return known.get(key);
}

/** Returns what is wrong with a local package. Its content is checked later, where it is uploaded. */
function packageMistake(path: unknown): string | undefined {
  if (typeof path !== "string") return undefined;
  const mistake = (cause: string) =>
    new UserError({
      action: "read the package",
      device: path,
      cause,
      hint: "A path is relative to the fleet file that names it, or to the folder of the Pulumi program.",
    }).message;
  try {
    const file = expandHome(path);
    if (!statSync(file).isFile()) return mistake("it is no file");
    accessSync(file, constants.R_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return mistake(code === "ENOENT" ? "no such file" : `it cannot be read (${code})`);
  }
  return undefined;
}
