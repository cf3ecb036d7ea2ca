import { createHmac, timingSafeEqual } from "node:crypto";

// The format is sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".

export interface KnownHost {
  marker?: "revoked" | "cert-authority";
  /** The names of the line: patterns, or one hashed name. */
  names: string;
  type: string;
  key: Buffer;
  /** file:line */
  where: string;
}

export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split("\n").flatMap((line, index) => parseLine(line, `${file}:${index + 1}`) ?? []);
}

function parseLine(line: string, where: string): KnownHost | undefined {
  const fields = line.trim().split(/\s+/);
  const marker = fields[0]?.startsWith("@") ? fields.shift()?.slice(1) : undefined;
  const [names, type, base64] = fields;
  // Comments, blank lines and keys of protocol 1 (which have numbers here) have no key that a current server can use.
  if (names === undefined || names.startsWith("#") || type === undefined || base64 === undefined) return undefined;
  if (marker !== undefined && marker !== "revoked" && marker !== "cert-authority") return undefined;
  const key = Buffer.from(base64, "base64");
  if (keyType(key) !== type) return undefined;
  return { marker, names, type, key, where };
}

/** Returns the type of a public key, which begins with it as a string with a length (RFC 4253, 6.6). */
export function keyType(key: Buffer): string | undefined {
  const length = key.length > 4 ? key.readUInt32BE(0) : 0;
  return length > 0 && length <= key.length - 4 ? key.toString("latin1", 4, 4 + length) : undefined;
}

/** Returns the name of a host in known_hosts: the name alone for port 22, and [name]:port otherwise. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

export function isNamedBy(entry: KnownHost, name: string): boolean {
  if (entry.names.startsWith("|1|")) return isHashOf(entry.names, name);
  // Most lines name one host. A fleet's file has a line for each host, and each of them is searched in all lines.
  if (!/[,*?!]/.test(entry.names)) return entry.names.toLowerCase() === name;
  const patterns = entry.names.toLowerCase().split(",");
  const isNamed = (pattern: string) => wildcard(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith("!") && isNamed(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && isNamed(pattern));
}

function isHashOf(hashed: string, name: string): boolean {
  const [, , salt, hash] = hashed.split("|");
  if (salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function wildcard(pattern: string): RegExp {
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

export type HostKeyMatch =
  | { answer: "known" }
  | { answer: "unknown" }
  | { answer: "revoked"; where: string }
  | { answer: "certificateWanted"; where: string }
  | { answer: "changed"; where: string };

/** Compares a key with the known keys of a host. */
export function matchHostKey(entries: readonly KnownHost[], host: string, port: number, key: Buffer): HostKeyMatch {
  const named = entries.filter((entry) => isNamedBy(entry, knownHostName(host, port)));
  const same = (entry: KnownHost) => entry.key.equals(key);

  const revoked = named.find((entry) => entry.marker === "revoked" && same(entry));
  if (revoked) return { answer: "revoked", where: revoked.where };

  const plain = named.filter((entry) => entry.marker === undefined);
  if (plain.some(same)) return { answer: "known" };
  if (plain[0]) return { answer: "changed", where: plain[0].where };

  // As ssh does: a server on another port may show the key that the machine is known by on port 22.
  if (port !== 22) {
    const elsewhere = matchHostKey(entries, host, 22, key);
    if (elsewhere.answer === "known" || elsewhere.answer === "revoked") return elsewhere;
  }
  const authority = named.find((entry) => entry.marker === "cert-authority");
  return authority ? { answer: "certificateWanted", where: authority.where } : { answer: "unknown" };
}

/** Returns the types of the known keys of a host, so that the server can be asked for one of them. */
export function knownKeyTypes(entries: readonly KnownHost[], host: string, port: number): string[] {
  const types = (name: string) =>
    entries.filter((entry) => entry.marker === undefined && isNamedBy(entry, name)).map((entry) => entry.type);
  const here = types(knownHostName(host, port));
  return [...new Set(here.length > 0 ? here : types(knownHostName(host, 22)))];
}
