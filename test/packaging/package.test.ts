import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesIn, root } from "../../scripts/setup/places.mjs";
import type { Declared } from "../engine/stack";
import { Stack } from "../engine/stack";
import { FreshFolder } from "./fresh-folder";

const fresh = new FreshFolder();
const stacks: Stack[] = [];
let dialed = 0;
let host: Server;
beforeAll(async () => {
  host = createServer((socket) => void (dialed++, socket.destroy()));
  await new Promise<void>((listening) => host.listen(0, "127.0.0.1", listening));
  await fresh.install();
});
afterAll(() => {
  host.close();
  for (const stack of stacks) stack.remove();
  fresh.remove();
});

const installed = (...path: string[]) => join(fresh.modules, "pulumi-nvidia-vgpu", ...path);

describe("the package", () => {
  test("the package contains code, scripts, tables and documents, and nothing else", () => {
    const sources = filesIn("provider");
    const compiled = sources
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => [`${file.slice(0, -3)}.js`, `${file.slice(0, -3)}.d.ts`]);
    const asTheyAre = sources.filter((file) => !file.endsWith(".ts"));
    const needed = ["apply/follow.sh", "apply/host/common.sh", "model/known-types.csv", "probe/probe.sh"];
    expect(asTheyAre).toEqual(expect.arrayContaining(needed));
    const made = [...compiled, ...asTheyAre].map((file) => `dist/${file}`);
    expect(fresh.files).toEqual(
      [
        "LICENSE",
        "README.md",
        ...filesIn("docs").map((file) => `docs/${file}`),
        "fleet.schema.json",
        "package.json",
        "plugin/pulumi-resource-nvidia-vgpu",
        ...made,
      ].sort(),
    );
  });

  test("the package contains each document that its README links to", () => {
    const named = [...readFileSync(installed("README.md"), "utf8").matchAll(/\]\((docs\/[^)#]+)/g)].map(
      ([, path]) => path!,
    );
    expect(named).not.toEqual([]);
    for (const path of named) expect(existsSync(installed(path)), path).toBe(true);
  });

  test("the package has no Pulumi of its own and no install script", () => {
    const about = JSON.parse(readFileSync(installed("package.json"), "utf8")) as Record<string, Record<string, string>>;
    const { dependencies, peerDependencies, scripts } = about;
    expect([Object.keys(dependencies!).sort(), Object.keys(peerDependencies!)]).toEqual([
      ["cli-table3", "commander", "fastest-levenshtein", "ssh-config", "ssh2", "yaml", "zod"],
      ["@pulumi/pulumi"],
    ]);
    expect(Object.keys(scripts!).filter((name) => /install|^prepare$/.test(name))).toEqual([]);
    expect(existsSync(installed("node_modules"))).toBe(false);
  });

  test("the package exports its public modules and no others", () => {
    const asked = ["", "/provider", "/inspect", "/native", "/package.json", "/dist/ssh"].map(
      (path) => `pulumi-nvidia-vgpu${path}`,
    );
    const answer = "(name) => { try { return Object.keys(require(name)); } catch (error) { return error.code; } }";
    const script = `console.log(JSON.stringify(${JSON.stringify(asked)}.map(${answer})))`;
    const printed = execFileSync(process.execPath, ["-e", script], { cwd: fresh.path, encoding: "utf8" });
    const [main, provider, inspect, native, about, inner] = JSON.parse(printed) as string[][];
    const kinds = ["MdevVgpu", "MigEnablement", "SriovEnablement", "VgpuLayout", "VgpuManagerInstall"];
    expect([...main!].sort()).toEqual(["HostResource", ...kinds, "VgpuFleet", "VgpuHost"].sort());
    expect([...provider!].sort()).toEqual(kinds);
    expect(inspect).toEqual(["inspectHost"]);
    expect([...native!].sort()).toEqual([...kinds, "Provider", "VgpuFleet", "VgpuHost"].sort());
    expect([about!.includes("version"), inner]).toEqual([true, "ERR_PACKAGE_PATH_NOT_EXPORTED"]);
  });
});

describe("type declarations of the package", () => {
  test("the declarations compile in a program with the strictest settings, with library checks", () => {
    const program = join(fresh.path, "strict.ts");
    writeFileSync(program, strictProgram);
    const result = ts.getPreEmitDiagnostics(
      ts.createProgram([program], {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        types: ["node"],
        typeRoots: [join(fresh.modules, "@types")],
      }),
    );
    expect(
      result.map(({ messageText, file }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`),
    ).toEqual([]);
  });

  test("the declarations can be parsed by the old compiler that Pulumi uses in a project without one", () => {
    const { failed, seen } = inOldCompiler(installed("dist", "index.d.ts"));
    expect(failed).toEqual([]);
    expect(seen).toBeGreaterThan(7);
  });
});

describe("a program under the real CLI", () => {
  const preview = async (...declared: Declared[]) => {
    const stack = new Stack("test", undefined, { modules: fresh.modules });
    stacks.push(stack);
    stack.declare(declared);
    return stack.preview();
  };
  const connection = () => ({ host: "127.0.0.1", port: (host.address() as { port: number }).port, knownHosts: "off" });

  test.concurrent("a preview of the TypeScript example works without a compiler in the project, and connects to no host", async () => {
    const stack = new Stack("test", join(root, "examples/one-host/index.ts"), { modules: fresh.modules });
    stacks.push(stack);
    copyFileSync(join(root, "examples/one-host/index.ts"), join(stack.folder, "index.ts"));
    writeFileSync(join(stack.folder, "Pulumi.yaml"), "name: vgpu-test\nruntime: nodejs\n");
    writeFileSync(join(stack.folder, "package.json"), '{"name": "vgpu-test", "main": "index.ts"}\n');
    const settings = { ...connection(), package: "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run" };
    const words = Object.entries(settings).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    await stack.pulumi("config", "set-all", ...words);
    await stack.pulumi("config", "set", "--path", 'vgpus["A40-12Q"]', "4");
    const { code, output } = await stack.preview();
    expect(output).toMatch(
      /VgpuManagerInstall driver create[^]*SriovEnablement sriov create[^]*VgpuLayout layout create/,
    );
    expect([code, dialed]).toEqual([0, 0]);
  });

  test.concurrent.each<[string, Declared, string]>([
    ["a malformed address", { kind: "MdevVgpu", name: "x", gpu: "41:00.9", type: "A40-8Q" }, "gpu: "],
    [
      "a .run for another product",
      { kind: "VgpuManagerInstall", name: "x", package: "NVIDIA-Linux-x86_64-550.54.14.run" },
      'package: Could not use "NVIDIA-Linux-x86_64-550.54.14.run" as the vGPU Manager package: by its name it is the ordinary driver',
    ],
    [
      "an unknown key",
      { kind: "VgpuLayout", name: "x", gpu: "41:00.0", vgpu: { "A40-8Q": 1 } },
      'Unrecognized key: "vgpu"',
    ],
    [
      "options that contradict each other",
      {
        kind: "VgpuManagerInstall",
        name: "x",
        version: "580.65.05",
        package: "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run",
      },
      "version: the package contains 550.163.02",
    ],
    [
      "a mistake within the connection",
      {
        kind: "SriovEnablement",
        name: "x",
        gpus: "all",
        connection: { host: "127.0.0.1", proxy: { host: "jump", port: 70_000 } },
      },
      "connection.proxy.port: ",
    ],
  ])("a preview reports %s with its property, and connects to no host", async (_what, declared, reason) => {
    const { code, output } = await preview({ connection: connection(), ...declared });
    expect(output).toContain(reason);
    expect(output).toContain(`${declared.kind} x`);
    expect(output).not.toMatch(/This is a bug|\n\s+at /);
    expect([code, dialed]).toEqual([1, 0]);
  });
});

const strictProgram = `
import * as pulumi from "@pulumi/pulumi";
import { type ConnectionArgs, type ExistingVgpu, MdevVgpu, SriovEnablement, VgpuLayout, VgpuManagerInstall } from "pulumi-nvidia-vgpu";

const connection: ConnectionArgs = { host: "gpu01.example", proxy: { host: pulumi.output("jump"), password: pulumi.secret("p") } };
const driver = new VgpuManagerInstall("driver", { connection, version: "550.163.02" });
const functions = new SriovEnablement("functions", { on: driver, gpus: [{ model: "A40" }, "c1:00.0"] });
const layout = new VgpuLayout("layout", { on: functions, gpu: { model: "A40" }, vgpus: { "A40-8Q": 3 } });
export const xml: pulumi.Output<string> = new MdevVgpu("vgpu", { on: functions, gpu: "41:00.0", type: "A40-8Q" }).hostdevXml;
export const cad: pulumi.Output<ExistingVgpu | undefined> = layout.instances.apply((vgpus) => vgpus["cad"]);
// @ts-expect-error there is no such policy
new VgpuManagerInstall("x", { connection, version: "550.163.02", reboot: "always" });
`;

/** Returns the declarations below a file that the compiler in @pulumi/pulumi cannot parse, and how many files it read. */
function inOldCompiler(first: string): { failed: string[]; seen: number } {
  const old = require(join(fresh.modules, "@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js")) as typeof ts;
  const seen = new Set<string>();
  const failed: string[] = [];
  const look = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    const source = old.createSourceFile(file, text, old.ScriptTarget.ES2020) as ts.SourceFile & {
      parseDiagnostics: ts.Diagnostic[];
    };
    failed.push(
      ...source.parseDiagnostics.map(
        ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
      ),
    );
    for (const [, path] of text.matchAll(/from "(\.[^"]+)"/g)) look(`${join(file, "..", path!)}.d.ts`);
  };
  look(first);
  return { failed, seen: seen.size };
}
