import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isNamedBy, knownHostName, knownKeyTypes, matchHostKey, parseKnownHosts } from "../../provider/ssh/known-hosts";
import { ecdsa, ed25519, hashed, otherEd25519, rsa } from "./known-hosts.samples";

const blob = (publicKey: string) => Buffer.from(publicKey.split(" ")[1]!, "base64");

/** known_hosts text, host, port, key that the server shows, verdict. */
const cases: [string, string, string, number, string, object][] = [
  ["a plain name", `gpu1 ${ed25519}`, "gpu1", 22, ed25519, { answer: "known" }],
  ["a name in other letters", `GPU1.Example.com ${ed25519}`, "gpu1.example.COM", 22, ed25519, { answer: "known" }],
  ["one of several names", `gpu1,gpu1.example.com,10.0.0.1 ${ed25519}`, "10.0.0.1", 22, ed25519, { answer: "known" }],
  ["nobody knows it", `gpu1 ${ed25519}`, "gpu2", 22, ed25519, { answer: "unknown" }],
  ["an empty file", "", "gpu1", 22, ed25519, { answer: "unknown" }],
  ["another key", `# ours\n\ngpu1 ${otherEd25519}`, "gpu1", 22, ed25519, { answer: "changed", where: "f:3" }],
  ["another key of another type", `gpu1 ${rsa}`, "gpu1", 22, ed25519, { answer: "changed", where: "f:1" }],
  ["the second of two keys", `gpu1 ${otherEd25519}\ngpu1 ${ed25519}`, "gpu1", 22, ed25519, { answer: "known" }],
  ["a comment after the key, tabs, CRLF", `gpu1\t${ed25519}  root@gpu1\r\n`, "gpu1", 22, ed25519, { answer: "known" }],
  ["a wildcard", `*.example.com ${ed25519}`, "gpu1.example.com", 22, ed25519, { answer: "known" }],
  [
    "a wildcard takes no dot for any character",
    `gpu1.example.com ${ed25519}`,
    "gpu1xexample.com",
    22,
    ed25519,
    { answer: "unknown" },
  ],
  ["a question mark", `gpu? ${ed25519}`, "gpu1", 22, ed25519, { answer: "known" }],
  [
    "a negation wins",
    `*.example.com,!gpu1.example.com ${ed25519}`,
    "gpu1.example.com",
    22,
    ed25519,
    { answer: "unknown" },
  ],
  ["a negation alone names nobody", `!gpu1 ${ed25519}`, "gpu2", 22, ed25519, { answer: "unknown" }],
  ["another port", `[gpu1]:2222 ${ed25519}`, "gpu1", 2222, ed25519, { answer: "known" }],
  ["a wrong port", `[gpu1]:2222 ${ed25519}`, "gpu1", 2223, ed25519, { answer: "unknown" }],
  ["known on port 22, as ssh takes it", `gpu1 ${ed25519}`, "gpu1", 2222, ed25519, { answer: "known" }],
  ["another key on port 22 says nothing", `gpu1 ${otherEd25519}`, "gpu1", 2222, ed25519, { answer: "unknown" }],
  [
    "its own port comes first",
    `gpu1 ${ed25519}\n[gpu1]:2222 ${otherEd25519}`,
    "gpu1",
    2222,
    ed25519,
    { answer: "changed", where: "f:2" },
  ],
  ["IPv6", `fe80::1 ${ed25519}`, "fe80::1", 22, ed25519, { answer: "known" }],
  ["IPv6 on another port", `[fe80::1]:2222 ${ed25519}`, "fe80::1", 2222, ed25519, { answer: "known" }],
  ["hashed", hashed, "gpu1.example.com", 22, ed25519, { answer: "known" }],
  ["hashed, second name", hashed, "10.0.0.1", 22, ed25519, { answer: "known" }],
  ["hashed, with port", hashed, "gpu2.example.com", 2222, rsa, { answer: "known" }],
  ["hashed, without its port", hashed, "gpu2.example.com", 22, rsa, { answer: "unknown" }],
  ["hashed, another key", hashed, "gpu1.example.com", 22, ecdsa, { answer: "changed", where: "f:1" }],
  ["hashed, broken", `|1|x ${ed25519}`, "x", 22, ed25519, { answer: "unknown" }],
  ["revoked", `@revoked * ${ed25519}\ngpu1 ${ed25519}`, "gpu1", 22, ed25519, { answer: "revoked", where: "f:1" }],
  [
    "revoked after it was known",
    `gpu1 ${ed25519}\n@revoked gpu1 ${ed25519}`,
    "gpu1",
    22,
    ed25519,
    { answer: "revoked", where: "f:2" },
  ],
  ["another key is revoked", `@revoked * ${otherEd25519}\ngpu1 ${ed25519}`, "gpu1", 22, ed25519, { answer: "known" }],
  [
    "by certificate",
    `@cert-authority *.example.com ${ecdsa}`,
    "gpu1.example.com",
    22,
    ed25519,
    { answer: "certificateWanted", where: "f:1" },
  ],
  [
    "the authority's key is no host key",
    `@cert-authority gpu1 ${ed25519}`,
    "gpu1",
    22,
    ed25519,
    { answer: "certificateWanted", where: "f:1" },
  ],
  ["by certificate or key", `@cert-authority * ${ecdsa}\ngpu1 ${ed25519}`, "gpu1", 22, ed25519, { answer: "known" }],
  ["an unknown marker", `@future gpu1 ${ed25519}`, "gpu1", 22, ed25519, { answer: "unknown" }],
  [
    "a type that is not the key's",
    `gpu1 ${ed25519.replace("ssh-ed25519", "ssh-rsa")}`,
    "gpu1",
    22,
    ed25519,
    { answer: "unknown" },
  ],
  ["half a line", "gpu1 ssh-ed25519", "gpu1", 22, ed25519, { answer: "unknown" }],
  ["protocol 1", "gpu1 1024 35 1234567890", "gpu1", 22, ed25519, { answer: "unknown" }],
];

describe("known_hosts", () => {
  it.each(cases)("%s", (_what, text, host, port, shown, verdict) => {
    expect(matchHostKey(parseKnownHosts(text, "f"), host, port, blob(shown))).toEqual(verdict);
  });

  it("returns the key types to ask the server for", () => {
    const entries = parseKnownHosts(
      `gpu1 ${ed25519}\ngpu1 ${rsa}\n@cert-authority * ${ecdsa}\n[gpu1]:2222 ${ecdsa}`,
      "f",
    );
    expect(knownKeyTypes(entries, "gpu1", 22)).toEqual(["ssh-ed25519", "ssh-rsa"]);
    expect(knownKeyTypes(entries, "gpu1", 2222)).toEqual(["ecdsa-sha2-nistp256"]);
    expect(knownKeyTypes(entries, "gpu1", 2223)).toEqual(["ssh-ed25519", "ssh-rsa"]);
  });
});

const hasKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;

describe.skipIf(!hasKeygen)("known_hosts against ssh-keygen -F", () => {
  const patterns = [
    "gpu1",
    "gpu1,gpu2",
    "*",
    "gpu*",
    "*.example.com",
    "*.example.com,!bad.example.com",
    "!gpu1",
    "!gpu1,*",
    "g?u1",
    "[gpu1]:2222",
    "[*]:2222",
    "*:2222",
    "fe80::1",
    "[fe80::1]:2222",
    "GPU1",
    "gpu1.",
    "gpu1,,gpu2",
    "*gpu*1*",
    "?????",
    "gpu1.example.com,10.0.0.*",
  ];
  const hosts: [string, number][] = [
    ["gpu1", 22],
    ["gpu2", 22],
    ["gpu11", 22],
    ["gpu1", 2222],
    ["gpu2", 2222],
    ["bad.example.com", 22],
    ["good.example.com", 22],
    ["fe80::1", 22],
    ["fe80::1", 2222],
    ["10.0.0.7", 22],
    ["agpu21", 22],
  ];

  it("finds the same lines, plain and hashed", () => {
    const dir = mkdtempSync(join(tmpdir(), "known-hosts-"));
    try {
      const text = `${patterns.map((pattern) => `${pattern} ${ed25519}`).join("\n")}\n${hashed}\n`;
      const file = join(dir, "known_hosts");
      writeFileSync(file, text);
      const entries = parseKnownHosts(text, "f");
      for (const [host, port] of [...hosts, ["gpu1.example.com", 22], ["gpu2.example.com", 2222]] as [
        string,
        number,
      ][]) {
        const name = knownHostName(host, port);
        const ours = entries.filter((entry) => isNamedBy(entry, name)).map((entry) => entry.where.slice(2));
        expect([name, ours]).toEqual([name, linesFound(file, name)]);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  function linesFound(file: string, name: string): string[] {
    try {
      return [
        ...execFileSync("ssh-keygen", ["-F", name, "-f", file])
          .toString()
          .matchAll(/found: line (\d+)/g),
      ].map(([, line]) => line!);
    } catch {
      return []; // Its code is 1 when nothing is found.
    }
  }
});
