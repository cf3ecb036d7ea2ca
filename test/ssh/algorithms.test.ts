import { createRequire } from "node:module";
import { afterEach, describe, expect, it } from "vitest";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { offered, serverAlgorithms } from "../../provider/ssh/algorithms";
import { Sshd } from "./sshd";
import { withSshd } from "./with-sshd";

it("lists what ssh2 offers, and nothing else", () => {
  // Not in the types: it is no public part of ssh2.
  const constants = createRequire(__filename)("ssh2/lib/protocol/constants.js") as Record<string, string[]>;
  expect(offered.kex).toEqual(constants.DEFAULT_KEX);
  expect(offered.hostKey).toEqual(constants.DEFAULT_SERVER_HOST_KEY);
  expect([...offered.cipher].sort()).toEqual([...constants.DEFAULT_CIPHER!].sort());
  expect(offered.mac).toEqual(constants.DEFAULT_MAC);
});

describe("the server's lists", () => {
  it.each(["", "SSH-2.0-x\r\n", "SSH-2.0-x\r\n\0\0\0\x01\0\x14"])("are unknown if there are none: %j", (received) => {
    expect(serverAlgorithms(Buffer.from(received))).toBeUndefined();
  });
});

withSshd("a server without a common algorithm", () => {
  let sshd: Sshd;
  const pool = new ConnectionPool();
  afterEach(() => sshd.remove());

  it.each([
    [
      "KexAlgorithms sntrup761x25519-sha512@openssh.com",
      "no key exchange algorithm in common: the server offers only sntrup761x25519-sha512@openssh.com",
      'Put "KexAlgorithms +curve25519-sha256" into sshd_config there',
    ],
    [
      "Ciphers aes128-cbc",
      "no cipher in common: the server offers only aes128-cbc; this client knows aes128-gcm@",
      '"Ciphers +aes256-gcm@openssh.com"',
    ],
    // Ciphers that authenticate on their own need no MAC.
    [
      "MACs umac-64@openssh.com\nCiphers aes128-ctr",
      "no MAC in common: the server offers only umac-64@openssh.com",
      '"MACs +hmac-sha2-256-etm@openssh.com"',
    ],
  ])("is named with both lists, and what to allow: %j", async (settings, cause, hint) => {
    sshd = await Sshd.start("127.0.0.51", { settings: [settings] });
    const error = (await new Ssh({ ...sshd.connection, dialErrorLimit: 5 }, pool)
      .run("true")
      .catch((reason: unknown) => reason)) as Error;
    expect(error.message).toContain(cause);
    expect(error.message).toContain(hint);
    expect(error.message).not.toContain("attempts");
  });
});
