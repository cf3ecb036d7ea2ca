import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import ts from "typescript";
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { root } from "../../scripts/setup/places.mjs";

interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

const names = readdirSync(join(root, "examples")).filter((name) =>
  existsSync(join(root, "examples", name, "index.ts")),
);
const programOf = (name: string) => join(root, "examples", name, "index.ts");
const ours = (kind: string) => `pulumi-nodejs:dynamic/nvidia-vgpu:${kind}`;
const packageFile = "./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run";

let registered: Registered[] = [];
beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }: pulumi.runtime.MockResourceArgs) {
        registered.push({ type, name, inputs: inputs as Record<string, unknown> });
        return {
          id: `${name}-id`,
          state: { ...(inputs as object), appliedAt: `${name}'s`, pending: [], enabledGpus: [], instances: {} },
        };
      },
      call: () => ({}),
    },
    "acme",
    "prod",
    false,
  );
});
beforeEach(() => {
  registered = [];
});

/** Runs an example with the configuration of a stack; what it registers, in that order. */
async function run(
  name: string,
  config: Record<string, unknown>,
  wanted: number,
  secretKeys: string[] = [],
): Promise<Registered[]> {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const settings = Object.entries(config).map(([key, value]) => [`acme:${key}`, text(value)]);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(settings) as Record<string, string>,
    secretKeys.map((key) => `acme:${key}`),
  );
  await import(programOf(name));
  await expect.poll(() => registered.length, { timeout: 10_000 }).toBe(wanted);
  return registered;
}

const byName = (name: string) => registered.find((one) => one.name === name)!;

/** What a resource of ours is given, but for what is between the program and the provider. */
function argumentsOf(name: string): Record<string, unknown> {
  const { inputs } = byName(name);
  return Object.fromEntries(
    Object.entries(inputs).filter(([key, value]) => !key.startsWith("__") && value !== undefined && value !== null),
  );
}

/** What the engine's protocol marks a secret with; mocks are given a whole property as one. */
const secret = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

test.each(names)(
  "%s: its program has no mistake that a compiler finds",
  (name) => {
    const program = ts.createProgram([programOf(name)], {
      strict: true,
      noUnusedLocals: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2020,
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      types: [],
    });
    const found = ts.getPreEmitDiagnostics(program);
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  },
  120_000,
);

test.each(names)("%s: has a description, depends on this package, and refreshes before it plans", (name) => {
  const read = (file: string) => readFileSync(join(root, "examples", name, file), "utf8");
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    peerDependencies: Record<string, string>;
  };
  expect(dependencies).toMatchObject({ ...peerDependencies, "pulumi-nvidia-vgpu": "file:../.." });
  const imported = [...read("index.ts").matchAll(/from "([^"]+)"/g)].map(([, from]) => from!);
  for (const from of imported.filter((one) => !isBuiltin(one))) expect(Object.keys(dependencies), name).toContain(from);
  expect(read("Pulumi.yaml")).toMatch(/^runtime: nodejs$[^]*^ {2}refresh: always$/m);
  expect(read("README.md").length).toBeGreaterThan(100);
  // Every setting that the program asks for without a fallback is named where it begins.
  for (const [, key] of read("index.ts").matchAll(/config\.require\w*(?:<[^(]*>)?\("(\w+)"\)/g)) {
    expect(read("index.ts").split("\nimport")[0], `${name}: ${key}`).toMatch(new RegExp(`config set.* '?${key}\\b`));
  }
});

describe("one-host", () => {
  test("has driver, virtual functions and four vGPUs, each dependent on the one before", async () => {
    const config = { host: "gpu01.example", port: 2222, user: "ops", package: packageFile, vgpus: { "A40-12Q": 4 } };
    await run("one-host", config, 3);
    expect(registered.map(({ type, name }) => [type, name])).toEqual([
      [ours("VgpuManagerInstall"), "driver"],
      [ours("SriovEnablement"), "sriov"],
      [ours("VgpuLayout"), "layout"],
    ]);
    const connection = { host: "gpu01.example", port: 2222, user: "ops" };
    expect(argumentsOf("driver")).toEqual({ connection, package: packageFile, reboot: "whenIdle" });
    expect(argumentsOf("sriov")).toEqual({
      connection,
      gpus: [{ model: "A40" }],
      onDelete: "keep",
      dependencyAppliedAt: "driver's",
    });
    expect(argumentsOf("layout")).toEqual({
      connection,
      gpu: { model: "A40" },
      vgpus: { "A40-12Q": 4 },
      dependencyAppliedAt: "sriov's",
    });
  });
});

describe("fleet", () => {
  const cwd = process.cwd();
  afterEach(() => process.chdir(cwd));

  test.each([
    ["fleet.yaml", 41, 40 * 2],
    ["lab.yaml", 2, 2],
  ])(
    "%s: each host has driver and virtual functions, and a layout for each GPU with vGPUs",
    async (fleetFile, hosts, layouts) => {
      process.chdir(join(root, "examples", "fleet"));
      vi.resetModules();
      await run("fleet", { fleetFile }, 1 + 3 * hosts + layouts);
      const count = (kind: string) => registered.filter(({ type }) => type === ours(kind)).length;
      expect([count("VgpuManagerInstall"), count("SriovEnablement"), count("VgpuLayout")]).toEqual([
        hosts,
        hosts,
        layouts,
      ]);
    },
  );
});

describe("mixed-cards", () => {
  test("a vGPU of a T4 depends on the driver, one of an A40 on virtual functions, and nothing is installed", async () => {
    await run("mixed-cards", { host: "gpu02.example", version: "550.163.02" }, 4);
    const connection = { host: "gpu02.example" };
    expect(argumentsOf("driver")).toEqual({ connection, version: "550.163.02" });
    expect(argumentsOf("sriov")).toEqual({ connection, gpus: "all", dependencyAppliedAt: "driver's" });
    expect(argumentsOf("a40")).toEqual({
      connection,
      gpu: { model: "A40" },
      vgpus: { "A40-8Q": 3 },
      named: { "cad-01": { type: "A40-8Q", virtualFunction: 7 } },
      dependencyAppliedAt: "sriov's",
    });
    expect(argumentsOf("desktop")).toEqual({
      connection,
      gpu: { model: "Tesla T4" },
      type: "T4-4Q",
      parameters: "frame_rate_limiter=0",
      dependencyAppliedAt: "driver's",
    });
  });
});

describe("mig", () => {
  test("MIG mode comes first, then virtual functions and a layout, and the GPU is enabled or disabled", async () => {
    const connection = { host: "gpu04.example" };
    const host = { connection, model: "A100", mig: true, vgpus: { "A100-2-10C": 3 } };
    const folder = mkdtempSync(join(tmpdir(), "example-mig-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const hosts = join(folder, "hosts.json");
    writeFileSync(hosts, JSON.stringify({ gpu04: host, gpu05: { ...host, mig: false, vgpus: {} } }));
    await run("mig", { hosts }, 6);
    const gpu = { model: "A100" };
    expect(argumentsOf("gpu04-mig")).toMatchObject({ connection, enabled: [gpu], disabled: [], onDelete: "disable" });
    expect(argumentsOf("gpu05-mig")).toMatchObject({ enabled: [], disabled: [gpu] });
    expect(argumentsOf("gpu04-functions")).toMatchObject({ gpus: [gpu], dependencyAppliedAt: "gpu04-mig's" });
    expect(argumentsOf("gpu04")).toMatchObject({
      connection,
      gpu,
      vgpus: { "A100-2-10C": 3 },
      dependencyAppliedAt: "gpu04-functions's",
    });
  });
});

describe("with-command", () => {
  test("one connection serves both packages, guests are shut down before the driver changes, and the key is secret in both", async () => {
    const config = { host: "gpu03.example", package: packageFile, privateKey: "KEY", hostKey: "SHA256:abc" };
    await run("with-command", config, 3, ["privateKey"]);
    expect(registered.map(({ type }) => type)).toEqual([
      "command:remote:Command",
      ours("VgpuManagerInstall"),
      ours("SriovEnablement"),
    ]);
    const connection = { host: "gpu03.example", user: "root", privateKey: "KEY", hostKey: "SHA256:abc" };
    expect(argumentsOf("driver")).toEqual({ connection: secret(connection), package: packageFile, reboot: "whenIdle" });
    expect(byName("drained").inputs).toMatchObject({
      connection: secret(expect.objectContaining(connection)),
      triggers: [packageFile],
    });
    expect(argumentsOf("sriov").connection).toEqual(secret(connection));
  });
});
