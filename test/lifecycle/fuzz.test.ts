import { describe, expect, test } from "vitest";
import { connection, factsOf, stage, urnOf } from "./fake-host";

const on = stage(factsOf("debian-12-a40-mdev"));

const hostile: [string, unknown][] = [
  ["a command in backticks", "`reboot`"],
  ["a command substitution", "$(reboot)"],
  ["a variable", "$HOME"],
  ["two commands", "a; reboot"],
  ["a pipe", "a|sh"],
  ["a redirection", "a>/etc/passwd"],
  ["quotes", "'\"'"],
  ["a backslash", "a\\"],
  ["an option", "--help"],
  ["a newline", "a\nreboot"],
  ["a line end of Windows", "a\r\n"],
  ["a null byte", "a\0b"],
  ["an escape sequence", "\u001b[2J"],
  ["a path upward", "../../etc/passwd"],
  ["a direction mark", "\u202Egnp.exe"],
  ["a broken surrogate", "\ud800"],
  ["wide letters", "Ａ４０－４Ｑ"],
  ["an emoji", "🦄"],
  ["blanks", "   "],
  ["nothing", ""],
  ["a megabyte", "x".repeat(1 << 20)],
  ["a megabyte of quotes", "'".repeat(1 << 20)],
  ["a glob", "*"],
  ["a percent sign", "%s%n"],
  ["a prototype", "__proto__"],
  ["a number", 1e308],
  ["a negative one", -1],
  ["a fraction", 0.5],
  ["true", true],
  ["a list", [[["a"]]]],
  ["an object", { a: { b: {} } }],
  ["an object with a prototype's key", JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}')],
];

/** What is free text, for a file or a person, and never reaches a shell but quoted. */
const freeText = new Set([
  "connection.password",
  "connection.privateKey",
  "connection.privateKeyPath",
  "connection.privateKeyPassword",
  "connection.agentSocketPath",
  "connection.hostKey",
  "connection.knownHosts",
  "connection.sudo.password",
  "gpu.model",
  "gpu.slot",
  "dependencyAppliedAt",
]);

const common = { __urn: urnOf("MdevVgpu", "cad") };
const good: Record<string, [keyof Pick<typeof on, "driver" | "sriov" | "vgpu" | "layout">, object]> = {
  version: ["driver", { connection, version: "550.163.02" }],
  package: ["driver", { connection, package: "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run" }],
  "package.onHost": ["driver", { connection, package: { onHost: "/srv/NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run" } }],
  sha256: ["driver", { connection, package: "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run", sha256: "0".repeat(64) }],
  prerequisites: ["driver", { connection, version: "550.163.02", prerequisites: "require" }],
  iommu: ["driver", { connection, version: "550.163.02", iommu: true }],
  dkms: ["driver", { connection, version: "550.163.02", dkms: true }],
  reboot: ["driver", { connection, version: "550.163.02", reboot: "never" }],
  "driver.onDelete": ["driver", { connection, version: "550.163.02", onDelete: "keep" }],
  gpus: ["sriov", { connection, gpus: "all" }],
  "gpus.0": ["sriov", { connection, gpus: ["41:00.0"] }],
  "sriov.onDelete": ["sriov", { connection, gpus: "all", onDelete: "keep" }],
  gpu: ["vgpu", { connection, gpu: "41:00.0", type: "A40-4Q" }],
  "gpu.address": ["vgpu", { connection, gpu: { address: "41:00.0" }, type: "A40-4Q" }],
  "gpu.uuid": ["vgpu", { connection, gpu: { uuid: "GPU-11111111-2222-3333-4444-555555555555" }, type: "A40-4Q" }],
  "gpu.model": ["vgpu", { connection, gpu: { model: "A40" }, type: "A40-4Q" }],
  "gpu.index": ["vgpu", { connection, gpu: { model: "A40", index: 0 }, type: "A40-4Q" }],
  "gpu.slot": ["vgpu", { connection, gpu: { slot: "1" }, type: "A40-4Q" }],
  type: ["vgpu", { connection, gpu: "41:00.0", type: "A40-4Q" }],
  uuid: ["vgpu", { connection, gpu: "41:00.0", type: "A40-4Q", uuid: "00000043-1111-4222-8333-000000000043" }],
  virtualFunction: ["vgpu", { connection, gpu: "41:00.0", type: "A40-4Q", virtualFunction: 1 }],
  parameters: ["vgpu", { connection, gpu: "41:00.0", type: "A40-4Q", parameters: "a=1" }],
  dependencyAppliedAt: ["vgpu", { connection, gpu: "41:00.0", type: "A40-4Q", dependencyAppliedAt: "1" }],
  __urn: ["vgpu", { connection, gpu: "41:00.0", type: "A40-4Q", ...common }],
  vgpus: ["layout", { connection, gpu: "41:00.0", vgpus: { "A40-4Q": 1 } }],
  "vgpus.A40-4Q": ["layout", { connection, gpu: "41:00.0", vgpus: { "A40-4Q": 1 } }],
  "named.a.type": ["layout", { connection, gpu: "41:00.0", named: { a: { type: "A40-4Q" } } }],
  "named.a.uuid": [
    "layout",
    { connection, gpu: "41:00.0", named: { a: { type: "A40-4Q", uuid: "00000043-1111-4222-8333-000000000043" } } },
  ],
  "named.a.virtualFunction": [
    "layout",
    { connection, gpu: "41:00.0", named: { a: { type: "A40-4Q", virtualFunction: 1 } } },
  ],
  "named.a.parameters": ["layout", { connection, gpu: "41:00.0", named: { a: { type: "A40-4Q", parameters: "a=1" } } }],
  ...Object.fromEntries(
    [
      "host",
      "port",
      "user",
      "password",
      "privateKey",
      "privateKeyPath",
      "privateKeyPassword",
      "agentSocketPath",
      "hostKey",
      "knownHosts",
      "dialErrorLimit",
      "perDialTimeout",
      "proxy",
      "sudo",
      "sudo.password",
    ].map((key) => [
      `connection.${key}`,
      ["vgpu", { connection: { host: "a", sudo: {} }, gpu: "41:00.0", type: "A40-4Q" }],
    ]),
  ),
};

/** Paths of which the first word only tells two of the same name apart. */
const at = (path: string) => path.replace(/^(driver|sriov)\./, "");

function withAt(given: object, path: string, value: unknown): Record<string, unknown> {
  const copy = structuredClone({ ...common, ...given }) as Record<string, unknown>;
  const keys = at(path).split(".");
  const last = keys.pop()!;
  const holder = keys.reduce((part, key) => part[key] as Record<string, unknown>, copy);
  holder[last] = value;
  return copy;
}

/** Whether a value of this kind is one that somebody could mean there. */
function isMeant(path: string, value: unknown): boolean {
  const key = at(path);
  // With a line break it would be the text of a key.
  if (key === "connection.privateKeyPath") return typeof value === "string" && /^[^\n]+$/.test(value);
  if (typeof value === "string" && freeText.has(key)) return value !== "";
  if (typeof value === "boolean") return key === "iommu" || key === "dkms";
  if (key === "connection.perDialTimeout") return typeof value === "number" && value >= 0;
  if (key === "connection.dialErrorLimit") return value === -1;
  // Unusual as names, and harmless: none of them reaches a shell.
  if (key === "connection.user") return typeof value === "string" && /^[^\s\p{Cc}:]+$/u.test(value);
  // Names and addresses of machines, in any script.
  if (key === "connection.host") return typeof value === "string" && /^(?!-)[\p{L}\p{M}\p{N}._-]+$/u.test(value);
  return false;
}

describe("hostile input", () => {
  test.each(Object.keys(good))("%s: is refused if the schema forbids it, and never throws", async (path) => {
    const [kind, given] = good[path]!;
    for (const [name, value] of hostile) {
      const { inputs, failures } = await on[kind].check({}, withAt(given, path, value));
      const what = `${path}: ${name}`;
      expect(failures.length === 0, what).toBe(isMeant(path, value));
      for (const { property, reason } of failures) {
        expect(property, what).toBe("");
        expect(reason.length, what).toBeLessThan(450);
        expect(reason, what).not.toMatch(/(?!\n)\p{Cc}/u);
      }
      expect(() => JSON.stringify(inputs), what).not.toThrow();
    }
    expect((await on[kind].check({}, withAt(given, path, undefined))).inputs).toBeDefined();
  });

  test.each(["driver", "sriov", "vgpu", "layout"] as const)("as keys: %s accepts none of them", async (kind) => {
    const [, given] = Object.values(good).find(([of]) => of === kind)!;
    for (const [name, value] of hostile) {
      if (typeof value !== "string") continue;
      const { failures } = await on[kind].check({}, { ...common, ...given, [`x${value}`]: 1 });
      expect(failures.length, name).toBe(1);
      expect(failures[0]!.reason.length, name).toBeLessThan(450);
    }
  });

  test("as type or name within a layout", async () => {
    for (const [name, value] of hostile) {
      if (typeof value !== "string" || value === "__proto__") continue;
      const { failures: types } = await on.layout.check(
        {},
        { ...common, connection, gpu: "41:00.0", vgpus: { [value]: 1 } },
      );
      const { failures: names } = await on.layout.check(
        {},
        { ...common, connection, gpu: "41:00.0", named: { [value]: { type: "A40-4Q" } } },
      );
      expect([types.length, names.length], name).toEqual([1, 1]);
    }
  });

  test("no prototype is polluted", () => {
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("no host was contacted", () => {
    expect([on.host.looks, on.host.asked.length]).toEqual([0, 0]);
  });
});
