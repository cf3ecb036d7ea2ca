import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";

/** What ssh2 offers (lib/protocol/constants.js; a test compares), in the order of KEXINIT. */
export const offered = {
  kex: [
    "curve25519-sha256@libssh.org",
    "curve25519-sha256",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group15-sha512",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group17-sha512",
    "diffie-hellman-group18-sha512",
  ],
  hostKey: [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
  ],
  cipher: [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "chacha20-poly1305@openssh.com",
  ],
  mac: [
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha1",
  ],
} as const;

type Part = keyof typeof offered;

/** The parts of a handshake, by ssh2's words for their failure. `index` is the place in KEXINIT (RFC 4253, 7.1). */
const parts: { pattern: RegExp; part: Part; index: number; what: string; setting: string; example: string }[] = [
  {
    pattern: /key exchange/i,
    part: "kex",
    index: 0,
    what: "key exchange algorithm",
    setting: "KexAlgorithms",
    example: "curve25519-sha256",
  },
  {
    pattern: /host key/i,
    part: "hostKey",
    index: 1,
    what: "host key algorithm",
    setting: "HostKeyAlgorithms",
    example: "ssh-ed25519",
  },
  {
    pattern: /cipher/i,
    part: "cipher",
    index: 2,
    what: "cipher",
    setting: "Ciphers",
    example: "aes256-gcm@openssh.com",
  },
  {
    pattern: /\bMAC\b/i,
    part: "mac",
    index: 4,
    what: "MAC",
    setting: "MACs",
    example: "hmac-sha2-256-etm@openssh.com",
  },
];

/** Returns the error for a handshake that failed because both sides have no algorithm in common, or undefined for another failure. */
export function noCommonAlgorithm(endpoint: Endpoint, message: string, received: Buffer): SshError | undefined {
  const part = /no matching/i.test(message) ? parts.find(({ pattern }) => pattern.test(message)) : undefined;
  if (!part) return undefined;
  const lists = serverAlgorithms(received);
  // The directions of ciphers and MACs may differ.
  const theirs = lists?.[part.index + (/S->C/.test(message) ? 1 : 0)] ?? [];
  const offers = theirs.length > 0 ? `the server offers only ${theirs.join(", ")}` : "the server did not name its own";
  const needsKey = part.part === "hostKey";
  return new SshError("unreachable", {
    action: "reach sshd",
    host: endpoint.name,
    cause: `the server and this client have no ${part.what} in common: ${offers}; this client knows ${offered[part.part].join(", ")}`,
    hint: `Put "${part.setting} +${part.example}" into sshd_config there${needsKey ? ", with a host key of that type (ssh-keygen -A)" : ""}, and restart sshd.`,
  });
}

/** Returns the lists of the server's KEXINIT, which is the first packet after its version line. It is not encrypted. */
export function serverAlgorithms(received: Buffer): string[][] | undefined {
  const version = /^SSH-[^\n]*\n/m.exec(received.toString("latin1"));
  if (!version) return undefined;
  const packet = received.subarray(version.index + version[0].length);
  // Length, padding length, message 20, cookie of 16 bytes.
  if (packet.length < 22 || packet[5] !== 20) return undefined;
  const lists: string[][] = [];
  for (let at = 22; lists.length < 8 && at + 4 <= packet.length; ) {
    const end = at + 4 + packet.readUInt32BE(at);
    lists.push(
      packet
        .toString("latin1", at + 4, end)
        .split(",")
        .filter(Boolean),
    );
    at = end;
  }
  return lists;
}
