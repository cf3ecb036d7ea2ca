import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Endpoint } from "./endpoint";
import { settingsError } from "./errors";
import type { KnownHost } from "./known-hosts";
import { keyType, knownHostName, parseKnownHosts } from "./known-hosts";
import { expandHome } from "./local-file";

const userFile = "~/.ssh/known_hosts";
const systemFile = "/etc/ssh/ssh_known_hosts";

/** Loads the known hosts of a connection: `knownHosts` is a file or a text; by default the files that ssh reads. */
export function loadKnownHosts(endpoint: Endpoint): KnownHost[] {
  const { knownHosts, knownHostsFiles } = endpoint;
  if (knownHosts === undefined || knownHosts === "accept-new")
    return [...(knownHostsFiles ?? [userFile]), systemFile].flatMap(readIfPresent);
  const inline = parseKnownHosts(knownHosts, "knownHosts");
  if (inline.length > 0) return inline;
  // A path has no line break: this is a text, and no line of it can be used.
  if (!knownHosts.includes("\n") && existsSync(expandHome(knownHosts))) return readIfPresent(knownHosts);
  throw settingsError(
    "knownHosts",
    knownHosts.includes("\n") ? "no line of the text is a host key" : `there is no file ${knownHosts}`,
    "Set knownHosts to a known_hosts file, the text of one, accept-new or off.",
  );
}

/** The file that was read last, by its path: the hosts of a fleet share one, with a line for each of them. */
const parsed = new Map<string, { text: string; entries: KnownHost[] }>();

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const cause = `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw settingsError("knownHosts", cause, "Check the file and its mode.");
  }
}

function readIfPresent(file: string): KnownHost[] {
  const path = expandHome(file);
  if (!existsSync(path)) return [];
  const text = readText(path);
  const last = parsed.get(path);
  if (last?.text === text) return last.entries;
  const entries = parseKnownHosts(text, path);
  parsed.set(path, { text, entries });
  return entries;
}

/** Adds the first key that a host showed to known_hosts. */
export function addToKnownHosts(endpoint: Endpoint, key: Buffer): KnownHost {
  const path = expandHome(userFile);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const line = `${knownHostName(endpoint.host, endpoint.port)} ${keyType(key)} ${key.toString("base64")}\n`;
  const unfinished = existsSync(path) && /[^\n]$/.test(readFileSync(path, "utf8"));
  appendFileSync(path, unfinished ? `\n${line}` : line, { mode: 0o600 });
  return parseKnownHosts(line, path)[0]!;
}
