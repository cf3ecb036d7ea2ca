import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LocalNeeds } from "../../provider/host/local-mistakes";
import { requireNoLocalMistakes } from "../../provider/host/local-mistakes";
import { keygen } from "../ssh/sshd";

describe("a mistake on the machine that runs the program", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "local-mistakes-"));
    keygen(join(dir, "key"), "ed25519");
    writeFileSync(join(dir, "driver.run"), "");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const fleet = (connection: Partial<LocalNeeds["connection"]>, more: Partial<LocalNeeds> = {}): LocalNeeds[] =>
    Array.from({ length: 40 }, (_, i) => `gpu${String(i + 1).padStart(2, "0")}`).map((host) => ({
      host,
      connection: { host, privateKeyPath: join(dir, "key"), ...connection },
      ...more,
    }));

  it("is none if keys, known hosts and packages are there", () => {
    requireNoLocalMistakes(fleet({}, { driver: { package: join(dir, "driver.run") } }));
  });

  it.each<[string, () => LocalNeeds[], RegExp]>([
    [
      "no key file",
      () => fleet({ privateKeyPath: "./nokey" }),
      /Could not read key \.\/nokey for the login: no such file\. Check privateKeyPath\./,
    ],
    ["a folder for a key", () => fleet({ privateKeyPath: dir }), /it is a folder/],
    ["a public key", () => fleet({ privateKeyPath: join(dir, "key.pub") }), /it is a public key/],
    ["no known_hosts", () => fleet({ knownHosts: "/nowhere/known_hosts" }), /there is no file \/nowhere\/known_hosts/],
    ["no host key", () => fleet({ hostKey: "x" }), /neither a public key line nor a SHA256: fingerprint/],
    ["no key of the jump host", () => fleet({ proxy: { host: "jump", privateKeyPath: "./nokey" } }), /no such file/],
    [
      "no package",
      () => fleet({}, { driver: { package: "NVIDIA.run" } }),
      /Could not read the package for NVIDIA\.run: no such file\. A path is relative to the fleet file/,
    ],
    ["a folder for a package", () => fleet({}, { driver: { package: dir } }), /it is no file/],
  ])("is reported once for all hosts, and none is dialed: %s", (_what, hosts, message) => {
    let text = "";
    try {
      requireNoLocalMistakes(hosts());
    } catch (error) {
      text = (error as Error).message;
    }
    expect(text).toMatch(
      /^Could not prepare the connections: there is a mistake on the machine that runs this program, so no host was dialed:\n {2}- gpu\[01-40\]: /,
    );
    expect(text).toMatch(message);
    expect(text.split("\n")).toHaveLength(2);
  });

  it("is refused as ssh does where others may read a key, with the command that mends it", () => {
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(join(dir, "key"), mode);
      expect(() => requireNoLocalMistakes(fleet({}))).toThrow(
        `(mode 0${mode.toString(8)}), so ssh refuses it too. Run chmod 600 ${dir}/key.`,
      );
    }
    chmodSync(join(dir, "key"), 0o400);
    requireNoLocalMistakes(fleet({}));
  });

  it("does not count for hosts in maintenance", () => {
    requireNoLocalMistakes(fleet({ privateKeyPath: "./nokey" }, { maintenance: "moved" }));
  });
});
