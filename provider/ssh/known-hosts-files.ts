import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";
import { expandHome } from "./home";
import type { KnownHost } from "./known-hosts";
import { keyType, knownHostName, parseKnownHosts } from "./known-hosts";

const userFile = "~/.ssh/known_hosts";
const systemFile = "/etc/ssh/ssh_known_hosts";

/** What `knownHosts` of a connection says: a file, a text, or, left out, the files that ssh looks into. */
export function loadKnownHosts(endpoint: Endpoint): KnownHost[] {
  const { knownHosts } = endpoint;
  if (knownHosts === undefined || knownHosts === "accept-new") return [userFile, systemFile].flatMap(readIfThere);
  const inline = parseKnownHosts(knownHosts, "knownHosts");
  if (inline.length > 0) return inline;
  // A path has no line break: this is a text, and no line of it can be used.
  if (!knownHosts.includes("\n") && existsSync(expandHome(knownHosts))) return readIfThere(knownHosts);
  throw new SshError("settings", {
    action: "read knownHosts for the login",
    host: endpoint.name,
    cause: knownHosts.includes("\n") ? "no line of the text is a host key" : `there is no file ${knownHosts}`,
    hint: "Name a known_hosts file, give the text of one, or say accept-new or off.",
  });
}

function readIfThere(file: string): KnownHost[] {
  const path = expandHome(file);
  return existsSync(path) ? parseKnownHosts(readFileSync(path, "utf8"), path) : [];
}

/** Writes down the key that a host showed first. */
export function remember(endpoint: Endpoint, key: Buffer): KnownHost {
  const path = expandHome(userFile);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const line = `${knownHostName(endpoint.host, endpoint.port)} ${keyType(key)} ${key.toString("base64")}\n`;
  const unfinished = existsSync(path) && /[^\n]$/.test(readFileSync(path, "utf8"));
  appendFileSync(path, unfinished ? `\n${line}` : line, { mode: 0o600 });
  return parseKnownHosts(line, path)[0]!;
}
