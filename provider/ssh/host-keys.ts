import { createHash } from "node:crypto";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";
import type { HostKeyMatch } from "./known-hosts";
import { keyType, knownKeyTypes, matchHostKey } from "./known-hosts";
import { loadKnownHosts, remember } from "./known-hosts-files";

export interface HostKeyCheck {
  /** Host key algorithms to ask the server for first, so that it shows the key that we know. */
  preferred: string[];
  /** Algorithms of keys that were shown and refused, where another key of the same server may still be the right one. */
  refused?: string[];
  /** Why this key is not accepted; undefined: it is. */
  rejection(key: Buffer): SshError | undefined;
}

export function hostKeyCheck(endpoint: Endpoint): HostKeyCheck {
  if (endpoint.hostKey !== undefined) return pinned(endpoint, endpoint.hostKey);
  if (endpoint.knownHosts === "off") return { preferred: [], rejection: () => undefined };
  const entries = loadKnownHosts(endpoint);
  return {
    preferred: knownKeyTypes(entries, endpoint.host, endpoint.port).flatMap(algorithms),
    rejection(key) {
      const verdict = matchHostKey(entries, endpoint.host, endpoint.port, key);
      if (verdict.answer === "known") return undefined;
      if (verdict.answer !== "unknown" || endpoint.knownHosts !== "accept-new") return refusal(endpoint, key, verdict);
      // From here on it is known, to the end of this connection too: ssh shows the key again when it renews its own.
      entries.push(remember(endpoint, key));
      return undefined;
    },
  };
}

export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

const describe = (key: Buffer): string => `${keyType(key) ?? "a key"} ${fingerprint(key)}`;

/** An RSA key signs with several algorithms (RFC 8332); the other keys are called like theirs. */
const algorithms = (type: string): string[] =>
  type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type];

function pinned(endpoint: Endpoint, hostKey: string): HostKeyCheck {
  const isFingerprint = hostKey.startsWith("SHA256:");
  const key = Buffer.from(/(?:^|\s)(AAAA[\w+/]+=*)/.exec(hostKey)?.[1] ?? "", "base64");
  const type = keyType(key);
  if (!isFingerprint && type === undefined) {
    throw new SshError("settings", {
      action: "read hostKey for the login",
      host: endpoint.name,
      cause: "it is neither a public key line nor a SHA256: fingerprint",
      hint: "Give it as the host's /etc/ssh/ssh_host_ed25519_key.pub has it.",
    });
  }
  const expected = isFingerprint ? hostKey.trim().replace(/=+$/, "") : fingerprint(key);
  const shown: Buffer[] = [];
  return {
    preferred: type === undefined ? [] : algorithms(type),
    // A fingerprint does not tell of what type its key is.
    get refused() {
      return isFingerprint ? shown.flatMap((one) => algorithms(keyType(one) ?? "")) : undefined;
    },
    rejection(seen) {
      if (fingerprint(seen) === expected) return undefined;
      shown.push(seen);
      return new SshError("hostKey", {
        action: "check the host key",
        host: endpoint.name,
        cause: `the server shows ${shown.map(describe).join(" and ")}, and hostKey pins ${expected}`,
        hint: "Either this is another machine, or it got a new key: compare with ssh-keygen -lf on the machine itself.",
      });
    },
  };
}

function refusal(endpoint: Endpoint, key: Buffer, verdict: Exclude<HostKeyMatch, { answer: "known" }>): SshError {
  const scan = `ssh-keyscan ${endpoint.port === 22 ? "" : `-p ${endpoint.port} `}${endpoint.host}`;
  const [cause, hint] = {
    unknown: () => [
      `the server shows ${describe(key)}, and no known_hosts line names this host`,
      `Add its key (${scan}) after comparing it with ssh-keygen -lf on the machine, or set hostKey, or knownHosts: "accept-new".`,
    ],
    changed: (where: string) => [
      `the server shows ${describe(key)}, and ${where} has another key for this host`,
      "Either this is another machine, or it got a new key: compare with ssh-keygen -lf on the machine itself, then correct that line.",
    ],
    revoked: (where: string) => [
      `the server shows ${describe(key)}, which ${where} marks as @revoked`,
      "Whoever has that key may pretend to be this machine: give the machine a new one.",
    ],
    certificateWanted: (where: string) => [
      `${where} trusts this host by certificate (@cert-authority), and host certificates are not supported yet`,
      `Add the host's plain key to known_hosts (${scan}), or set hostKey.`,
    ],
  }[verdict.answer]("where" in verdict ? verdict.where : "") as [string, string];
  return new SshError("hostKey", { action: "check the host key", host: endpoint.name, cause, hint });
}
