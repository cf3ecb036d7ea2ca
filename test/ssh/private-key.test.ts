import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connection } from "../../provider/model/connection";
import { readPrivateKey } from "../../provider/ssh/private-key";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "keys-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const keygen = (name: string, ...options: string[]): string => {
  execFileSync("ssh-keygen", ["-q", "-N", "", "-f", join(folder, name), ...options]);
  return readFileSync(join(folder, name), "utf8");
};

const indented = (text: string) => text.replace(/^/gm, "  ");
const read = (privateKey: string) => readPrivateKey({ privateKey });

describe("the text of a private key", () => {
  let text: string;
  beforeAll(() => void (text = keygen("ed", "-t", "ed25519")));

  it.each([
    ["with line ends of Windows", (key: string) => key.replaceAll("\n", "\r\n")],
    ["without the last line end", (key: string) => key.trim()],
    ["with a byte order mark", (key: string) => `\ufeff${key}`],
  ])("is read %s", (_, change) => expect(read(change(text))).toHaveProperty("key"));

  it.each([
    ["line breaks as \\n", (key: string) => key.replaceAll("\n", "\\n"), "its line breaks are written as \\n"],
    ["indentation", indented, "its lines are indented or joined"],
    ["blanks for line breaks", (key: string) => key.trim().replaceAll("\n", " "), "its lines are indented or joined"],
    ["base64", (key: string) => Buffer.from(key).toString("base64"), "it is encoded in base64"],
    ["nothing", () => "\n", "it is empty"],
    ["a path", () => "~/.ssh/id_ed25519", "it is a path. Set it as privateKeyPath."],
    ["a key of PuTTY", () => "PuTTY-User-Key-File-3: ssh-ed25519\n", "it is a key of PuTTY"],
    [
      "PKCS#8",
      () => keygen("pkcs8", "-t", "ecdsa", "-m", "PKCS8"),
      "it is in PKCS#8 format. Convert it with ssh-keygen -p -f.",
    ],
    ["a public key", () => readFileSync(join(folder, "ed.pub"), "utf8"), "it is a public key"],
  ])("in another form is named: %s", (_, change, message) => {
    expect(() => read(change(text))).toThrow(`Could not read privateKey for the login: ${message}`);
  });

  it("in place of a path is not repeated", () => {
    for (const given of [text, text.replaceAll("\n", "\\n")]) {
      expect(() => readPrivateKey({}, given)).toThrow(
        /^Could not read privateKeyPath for the login: it is the text of a key. Set it as privateKey.$/,
      );
      const { issues } = connection.safeParse({ host: "a", privateKeyPath: given }).error!;
      expect(issues).toMatchObject([
        { path: ["privateKeyPath"], message: "this is the text of a key: set it as privateKey" },
      ]);
    }
  });
});

it("PKCS#8 is converted by the command of the advice", () => {
  writeFileSync(join(folder, "rsa"), keygen("rsa8", "-t", "rsa", "-m", "PKCS8"), { mode: 0o600 });
  execFileSync("ssh-keygen", ["-q", "-p", "-N", "", "-f", join(folder, "rsa")]);
  expect(readPrivateKey({}, join(folder, "rsa"))).toHaveProperty("key");
});
