import { createHash } from "node:crypto";
import type { Endpoint } from "./endpoint";
import { SshError, settingsError } from "./errors";
import type { HostKeyMatch } from "./known-hosts";
import { keyType, knownKeyTypes, matchHostKey } from "./known-hosts";
import { addToKnownHosts, loadKnownHosts } from "./known-hosts-files";

export interface HostKeyCheck {
  /** Host key algorithms to request first, so that the server shows the known key. */
  preferred: string[];
  /** Algorithms of keys that were shown and refused, if another key of the same server may still match. */
  refused?: string[];
  /** Returns why this key is not accepted, or undefined if it is. */
  rejection(key: Buffer): SshError | undefined;
}

export function hostKeyCheck(endpoint: Endpoint): HostKeyCheck {
  if (endpoint.hostKey !== undefined) return pinnedKeyCheck(endpoint, endpoint.hostKey);
  if (endpoint.knownHosts === "off") return { preferred: [], rejection: () => undefined };
  const entries = loadKnownHosts(endpoint);
  return {
    preferred: knownKeyTypes(entries, endpoint.host, endpoint.port).flatMap(algorithms),
    rejection(key) {
      const verdict = matchHostKey(entries, endpoint.host, endpoint.port, key);
      if (verdict.answer === "known") return undefined;
      if (verdict.answer !== "unknown" || endpoint.knownHosts !== "accept-new")
        return hostKeyError(endpoint, key, verdict);
      // The connection itself has to know it too: ssh shows the host key again when it renews the session keys.
      entries.push(addToKnownHosts(endpoint, key));
      return undefined;
    },
  };
}

export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

const describe = (key: Buffer): string => `${keyType(key) ?? "a key"} ${fingerprint(key)}`;

/** Returns the algorithms of a key type: several for RSA (RFC 8332); otherwise the algorithm has the name of the type. */
const algorithms = (type: string): string[] =>
  type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type];

function pinnedKeyCheck(endpoint: Endpoint, hostKey: string): HostKeyCheck {
  // Also in a line of ssh-keygen -lf.
  const printed = /(?:^|\s)(SHA256:[\w+/]+)/.exec(hostKey)?.[1];
  const isFingerprint = printed !== undefined;
  const key = Buffer.from(/(?:^|\s)(AAAA[\w+/]+=*)/.exec(hostKey)?.[1] ?? "", "base64");
  const type = keyType(key);
  if (!isFingerprint && type === undefined) {
    throw settingsError(
      "hostKey",
      "it is neither a public key line nor a SHA256: fingerprint",
      "Use the line of the host's /etc/ssh/ssh_host_ed25519_key.pub.",
    );
  }
  const expected = printed ?? fingerprint(key);
  const shown: Buffer[] = [];
  return {
    preferred: type === undefined ? [] : algorithms(type),
    // A fingerprint does not show the type of its key.
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
        hint: "Either this is another machine, or it has a new key: compare with ssh-keygen -lf on the machine itself.",
      });
    },
  };
}

function hostKeyError(endpoint: Endpoint, key: Buffer, verdict: Exclude<HostKeyMatch, { answer: "known" }>): SshError {
  const scan = `ssh-keyscan ${endpoint.port === 22 ? "" : `-p ${endpoint.port} `}${endpoint.host}`;
  const [cause, hint] = {
    unknown: () => [
      `the server shows ${describe(key)}, and no known_hosts line names this host`,
      `Add its key (${scan}) after comparing it with ssh-keygen -lf on the machine, or set hostKey, or knownHosts: "accept-new".`,
    ],
    changed: (where: string) => [
      `the server shows ${describe(key)}, and ${where} has another key for this host`,
      "Either this is another machine, or it has a new key: compare with ssh-keygen -lf on the machine itself, then correct that line.",
    ],
    revoked: (where: string) => [
      `the server shows ${describe(key)}, which ${where} marks as @revoked`,
      "That key can be used to impersonate this machine: create a new host key there.",
    ],
    certificateWanted: (where: string) => [
      `${where} trusts this host by certificate (@cert-authority), and host certificates are not supported yet`,
      `Add the host's plain key to known_hosts (${scan}), or set hostKey.`,
    ],
  }[verdict.answer]("where" in verdict ? verdict.where : "") as [string, string];
  return new SshError("hostKey", { action: "check the host key", host: endpoint.name, cause, hint });
}
