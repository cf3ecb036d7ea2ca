import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { Line } from "ssh-config";
import { glob, parse } from "ssh-config";
import { settingsError } from "./errors";
import { expandHome } from "./local-file";
import { jumpOfCommand } from "./proxy-command";
import type { MatchSubject } from "./ssh-config-match";
import { fitsMatch } from "./ssh-config-match";
import { expandTokens } from "./ssh-config-tokens";

/** What ~/.ssh/config says of a host (ssh_config(5)), as far as it is read here. */
export interface SshConfigHost {
  hostName?: string;
  user?: string;
  port?: number;
  /** Those that exist are tried, in this order. */
  identityFiles: string[];
  identitiesOnly: boolean;
  /** The socket of an agent in place of $SSH_AUTH_SOCK; null for none. */
  identityAgent?: string | null;
  /** `user@host:port`, in the order of dialing. */
  proxyJump: string[];
  knownHostsFiles?: string[];
}

/** The variable that names another file, or is `off`. */
export const configVariable = "NVIDIA_VGPU_SSH_CONFIG";

/** Returns what the file says of a host, by the name and user that are given for it. Nothing if there is no file, or it is turned off. */
export function sshConfigOf(name: string, givenUser?: string): SshConfigHost {
  const file = process.env[configVariable] || "~/.ssh/config";
  const path = expandHome(file);
  const found: Found = { name, givenUser, single: new Map(), identityFiles: [], skipped: new Set() };
  if (file !== "off" && existsSync(path)) collect(linesOf(path), path, found, 0);
  for (const what of found.skipped)
    reportOnce(`${file}: ${what} is not supported by pulumi-nvidia-vgpu, and was skipped.`);
  return settingsOf(path, found);
}

interface Found {
  name: string;
  givenUser?: string;
  /** The first value of each option counts. */
  single: Map<string, string[]>;
  identityFiles: string[];
  skipped: Set<string>;
}

/** Options that are read. Each has one value or a list. */
const readOptions = new Set([
  "hostname",
  "user",
  "port",
  "identitiesonly",
  "identityagent",
  "proxyjump",
  "userknownhostsfile",
]);

/** Options without which a host may not be reached, or not as it should. All others (keepalive, forwarding, …) do not matter here. */
const missedOptions =
  /^(ProxyUseFdpass|HostKeyAlias|CertificateFile|PKCS11Provider|SecurityKeyProvider|CanonicalizeHostname|BindAddress|BindInterface|AddressFamily|GSSAPIAuthentication|KnownHostsCommand|GlobalKnownHostsFile|RevokedHostKeys|Ciphers|KexAlgorithms|MACs|HostKeyAlgorithms|Tag)$/i;

const maxDepth = 16;

function collect(lines: readonly Line[], path: string, found: Found, depth: number): void {
  for (const line of lines) {
    if (!("param" in line)) continue;
    const option = line.param.toLowerCase();
    const values = valuesOf(line.value);
    if ("config" in line) {
      const fits = option === "match" ? fitsMatch(values, subjectOf(found)) : glob(values, found.name);
      if (fits) collect(line.config, path, found, depth);
      else if (fits === undefined) found.skipped.add(`Match ${values.join(" ")}`);
    } else if (option === "include") {
      for (const file of values.flatMap((value) => included(value, path)))
        if (depth < maxDepth) collect(linesOf(file), file, found, depth + 1);
    } else if (option === "identityfile") {
      found.identityFiles.push(...values);
    } else if (option === "proxycommand") {
      if (!found.single.has("proxyjump")) addProxyCommand(values.join(" "), found);
    } else if (readOptions.has(option)) {
      if (!found.single.has(option)) found.single.set(option, values);
    } else if (isMissed(option, values[0] ?? "")) found.skipped.add(line.param);
  }
}

function addProxyCommand(command: string, { single, skipped }: Found): void {
  const jump = command.toLowerCase() === "none" ? "none" : jumpOfCommand(command);
  if (jump === undefined) skipped.add("ProxyCommand");
  else single.set("proxyjump", [jump]);
}

/** Returns whether an option with this value changes something here. No value weakens the check of host keys. */
const isMissed = (option: string, value: string): boolean =>
  option === "stricthostkeychecking"
    ? !/^(yes|ask)$/i.test(value)
    : missedOptions.test(option) && !/^(no|none|any)$/i.test(value);

const subjectOf = ({ name, givenUser, single }: Found): MatchSubject => ({
  name,
  hostName: hostNameOf(name, single) ?? name,
  user: givenUser ?? single.get("user")?.[0] ?? "root",
});

const hostNameOf = (name: string, single: Found["single"]): string | undefined =>
  single.get("hostname")?.[0]?.replaceAll("%h", name).replaceAll("%%", "%");

const valuesOf = (value: string | { val: string }[]): string[] =>
  (typeof value === "string" ? [value] : value.map(({ val }) => val)).filter((one) => one !== "");

function settingsOf(file: string, { name, single, identityFiles }: Found): SshConfigHost {
  const first = (option: string) => single.get(option)?.[0];
  const user = first("user");
  const port = first("port") === undefined ? undefined : portOf(file, name, first("port")!);
  const hostName = hostNameOf(name, single);
  const path = (text: string) =>
    expandTokens(text, { name, host: hostName ?? name, user: user ?? "root", port: port ?? 22 });
  const jump = first("proxyjump") ?? "none";
  return {
    hostName,
    user,
    port,
    identityFiles: identityFiles.filter((file) => file.toLowerCase() !== "none").map(path),
    identitiesOnly: /^(yes|true)$/i.test(first("identitiesonly") ?? ""),
    identityAgent: agentOf(first("identityagent"), path),
    proxyJump: jump.toLowerCase() === "none" ? [] : jump.split(",").map((one) => path(one.trim())),
    knownHostsFiles: single.get("userknownhostsfile")?.map(path),
  };
}

function portOf(file: string, name: string, text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return port;
  throw settingsError(file, `the port of ${name} is ${text}`, `Correct it, or set ${configVariable}=off.`);
}

/** `none`, a socket, or a variable that has one: SSH_AUTH_SOCK, $NAME. */
function agentOf(value: string | undefined, path: (text: string) => string): string | null | undefined {
  if (value === undefined) return undefined;
  if (value.toLowerCase() === "none") return null;
  const variable = value === "SSH_AUTH_SOCK" ? value : /^\$(\w+)$/.exec(value)?.[1];
  return (variable === undefined ? path(value) : process.env[variable]) || null;
}

/** Returns the files of an Include: relative to ~/.ssh, and with patterns in the last part of the path. */
function included(pattern: string, from: string): string[] {
  const expanded = expandHome(pattern);
  const path = isAbsolute(expanded) ? expanded : join(dirname(expandHome("~/.ssh/config")), expanded);
  if (!/[*?]/.test(path)) return existsSync(path) && path !== from ? [path] : [];
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => glob(basename(path), file))
    .sort()
    .map((file) => join(folder, file));
}

const parsed = new Map<string, { version: string; lines: readonly Line[] }>();

/** Reads a file once for all hosts, as long as it is unchanged. */
function linesOf(path: string): readonly Line[] {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    const version = `${mtimeMs} ${size} ${ino}`;
    const known = parsed.get(path);
    if (known?.version === version) return known.lines;
    const lines = parse(readFileSync(path, "utf8"));
    parsed.set(path, { version, lines });
    return lines;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = `Correct it, or set ${configVariable}=off.`;
    throw settingsError(path, code === undefined ? message : `it cannot be read (${code})`, hint);
  }
}

const reported = new Set<string>();

/** Reports on stderr, which Pulumi and the CLI show. */
function reportOnce(text: string): void {
  if (reported.has(text)) return;
  reported.add(text);
  process.stderr.write(`${text}\n`);
}
