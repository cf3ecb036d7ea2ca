import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { Line } from "ssh-config";
import { glob, parse } from "ssh-config";
import { settingsError } from "./errors";
import { expandHome } from "./local-file";

/** What ~/.ssh/config says of a host (ssh_config(5)), as far as it is read here. */
export interface SshConfigHost {
  hostName?: string;
  user?: string;
  port?: number;
  /** Those that exist are tried, in this order. */
  identityFiles: string[];
  identitiesOnly: boolean;
  /** `user@host:port`, in the order of dialing. */
  proxyJump: string[];
  knownHostsFiles?: string[];
}

/** The variable that names another file, or is `off`. */
export const configVariable = "NVIDIA_VGPU_SSH_CONFIG";

/** Returns what the file says of a host, by the name that is given for it. Nothing if there is no file, or it is turned off. */
export function sshConfigOf(name: string): SshConfigHost {
  const file = process.env[configVariable] || "~/.ssh/config";
  const path = expandHome(file);
  const found: Found = { single: new Map(), identityFiles: [], skipped: new Set() };
  if (file !== "off" && existsSync(path)) collect(linesOf(path), path, name, found, 0);
  for (const what of found.skipped)
    reportOnce(`${file}: ${what} is not supported by pulumi-nvidia-vgpu, and was skipped.`);
  return settingsOf(name, found);
}

interface Found {
  /** The first value of each option counts. */
  single: Map<string, string[]>;
  identityFiles: string[];
  skipped: Set<string>;
}

/** Options that are read. Each has one value or a list. */
const readOptions = new Set(["hostname", "user", "port", "identitiesonly", "proxyjump", "userknownhostsfile"]);

/** Options without which a host may not be reached, or not as it should. All others (keepalive, forwarding, …) do not matter here. */
const missedOptions =
  /^(ProxyCommand|ProxyUseFdpass|HostKeyAlias|CertificateFile|IdentityAgent|PKCS11Provider|SecurityKeyProvider|CanonicalizeHostname|BindAddress|BindInterface|AddressFamily|GSSAPIAuthentication|StrictHostKeyChecking|KnownHostsCommand|Ciphers|KexAlgorithms|MACs|HostKeyAlgorithms|Tag)$/i;

const maxDepth = 16;

function collect(lines: readonly Line[], path: string, name: string, found: Found, depth: number): void {
  for (const line of lines) {
    if (!("param" in line)) continue;
    const option = line.param.toLowerCase();
    const values = valuesOf(line.value);
    if ("config" in line) {
      const isMatchAll = option === "match" && values.join(" ").toLowerCase() === "all";
      if (option === "match" && !isMatchAll) found.skipped.add(`Match ${values.join(" ")}`);
      else if (isMatchAll || glob(values, name)) collect(line.config, path, name, found, depth);
    } else if (option === "include") {
      for (const file of values.flatMap((value) => included(value, path)))
        if (depth < maxDepth) collect(linesOf(file), file, name, found, depth + 1);
    } else if (option === "identityfile") {
      found.identityFiles.push(...values);
    } else if (readOptions.has(option)) {
      if (!found.single.has(option)) found.single.set(option, values);
    } else if (missedOptions.test(option) && !/^(no|none|ask|any)$/i.test(values[0] ?? ""))
      found.skipped.add(line.param);
  }
}

const valuesOf = (value: string | { val: string }[]): string[] =>
  (typeof value === "string" ? [value] : value.map(({ val }) => val)).filter((one) => one !== "");

function settingsOf(name: string, { single, identityFiles }: Found): SshConfigHost {
  const first = (option: string) => single.get(option)?.[0];
  const user = first("user");
  const port = first("port") === undefined ? undefined : Number(first("port"));
  const hostName = first("hostname")?.replaceAll("%h", name).replaceAll("%%", "%");
  const path = (text: string) =>
    expandTokens(text, { name, host: hostName ?? name, user: user ?? "root", port: port ?? 22 });
  const jump = first("proxyjump") ?? "none";
  return {
    hostName,
    user,
    port,
    identityFiles: identityFiles.filter((file) => file.toLowerCase() !== "none").map(path),
    identitiesOnly: first("identitiesonly")?.toLowerCase() === "yes",
    proxyJump: jump.toLowerCase() === "none" ? [] : jump.split(",").map((one) => one.trim()),
    knownHostsFiles: single.get("userknownhostsfile")?.map(path),
  };
}

interface Tokens {
  name: string;
  host: string;
  user: string;
  port: number;
}

/** Expands what ssh_config(5) lists under TOKENS, and `${VARIABLE}`. */
function expandTokens(text: string, { name, host, user, port }: Tokens): string {
  const tokens: Record<string, () => string> = {
    "%": () => "%",
    d: homedir,
    h: () => host,
    n: () => name,
    p: () => String(port),
    r: () => user,
    u: () => userInfo().username,
  };
  return text
    .replace(/%(.)/g, (all, token: string) => tokens[token]?.() ?? all)
    .replace(/\$\{(\w+)\}/g, (all, variable: string) => process.env[variable] ?? all);
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
