import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabHost } from "../lab";
import { up } from "../lab";
import { connectionTo, typesOn } from "./declared";
import { GeneratedSdks, whyNoPython } from "./generated-sdks";
import { removeVgpu, uuidsOn } from "./manual-changes";
import { Stack } from "./stack";

const root = join(__dirname, "..", "..");
const programs = join(__dirname, "sdk-programs");
const schema = join(root, "provider", "native", "schema.json");
const gpu = "0000:41:00.0";
const [version, declaredTypes] = ["550.163.02", ["A40-8Q", "A40-8Q", "A40-8Q"]];

const why = whyNoPython();
if (why) console.warn(`\n*** ${why}\n*** The tests of generated SDKs are SKIPPED. ***\n`);

/** Compiles a program and what it imports, with all strict checks. */
function compile(program: string, to: string): void {
  const modules = join(root, "node_modules");
  const options = ["--module", "commonjs", "--target", "es2022", "--strict", "--skipLibCheck", "--outDir", to];
  const types = ["--types", "node", "--typeRoots", join(modules, "@types")];
  const compiler = join(modules, "typescript", "bin", "tsc");
  execFileSync(process.execPath, [compiler, ...options, ...types, program], { stdio: "pipe" });
}

describe.skipIf(why)("programs with an SDK that Pulumi's generators write from the schema", () => {
  let lab: LabHost;
  let sdks: GeneratedSdks;

  beforeAll(async () => {
    sdks = new GeneratedSdks(schema);
    sdks.installPython();
    lab = await up({ cards: "A40@0000:41", state: "ready" });
  });
  afterAll(async () => {
    sdks?.remove();
    await lab?.down();
  });

  /** Sets the login of the host in the configuration of the provider, and what the programs declare. */
  async function prepare(stack: Stack): Promise<void> {
    const { host, port, ...login } = connectionTo(lab) as Record<string, string>;
    const declared = { connection: { host, port: Number(port) }, version, gpu, vgpus: { "A40-8Q": 3 } };
    writeFileSync(join(stack.folder, "declared.json"), JSON.stringify(declared));
    const settings = Object.entries(login).flatMap(([key, value]) => ["--plaintext", `nvidia-vgpu:${key}=${value}`]);
    const { code, output } = await stack.pulumi("config", "set-all", ...settings);
    expect(code, output).toBe(0);
  }

  describe("in Python", () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = new Stack("test", undefined, { env: sdks.env });
      copyFileSync(join(programs, "__main__.py"), join(stack.folder, "__main__.py"));
      const project = readFileSync(join(stack.folder, "Pulumi.yaml"), "utf8");
      writeFileSync(join(stack.folder, "Pulumi.yaml"), project.replace(/^runtime: .*$/m, "runtime: python"));
      await prepare(stack);
    });
    afterAll(() => stack.remove());

    test("the preview of a Python program has the steps of each resource", async () => {
      const { code, output } = await stack.preview();
      expect(code, output).toBe(0);
      expect(output).toMatch(/SriovEnablement \(functions\):\n(.*\n)*? +\[functions@\S+\] \d+ steps?\n/);
      expect(output).toMatch(/\[layout@\S+\] \d+ steps?\n(.*\n)*?.*create 3 × A40-8Q/);
    });

    test("the first up of a Python program creates the vGPUs", async () => {
      const { code, output } = await stack.up();
      expect(code, output).toBe(0);
      expect(await typesOn(lab)).toEqual(declaredTypes);
    });

    test("a preview after an up shows only a vGPU that was removed by hand, and the next up creates it again", async () => {
      const [removed] = await uuidsOn(lab);
      await removeVgpu(lab, removed!);
      const { output } = await stack.preview("--diff");
      expect(output).toMatch(/~ A40-8Q: 2 => 3/);
      expect(output).toMatch(/~ 1 to update\n\s+3 unchanged/);
      expect((await stack.up()).code).toBe(0);
      expect(await uuidsOn(lab)).toContain(removed);
    });

    test("an import has no difference to the Python program, and destroy removes the vGPUs", async () => {
      const { code, output } = await stack.pulumi("state", "delete", "--all", "--yes");
      expect(code, output).toBe(0);
      const host = `${lab.address}:${lab.port}`;
      for (const [type, name, id] of [
        ["VgpuManagerInstall", "driver", host],
        ["SriovEnablement", "functions", host],
        ["VgpuLayout", "layout", `${host}/${gpu}`],
      ]) {
        // This host of Python programs writes no code.
        const words = [`nvidia-vgpu:index:${type}`, name!, id!, "--yes", "--protect=false", "--generate-code=false"];
        const imported = await stack.pulumi("import", ...words);
        expect(imported.code, imported.output).toBe(0);
      }
      const preview = await stack.preview("--expect-no-changes");
      expect(preview.code, preview.output).toBe(0);
      const destroyed = await stack.destroy();
      expect(destroyed.code, destroyed.output).toBe(0);
      expect(await typesOn(lab)).toEqual([]);
    });
  });

  test("a Node program with the generated SDK type-checks, and creates and removes the vGPUs", async () => {
    const stack = new Stack();
    const sources = join(stack.folder, "sources");
    cpSync(sdks.node, join(sources, "nodejs"), { recursive: true });
    copyFileSync(join(programs, "index.ts"), join(sources, "index.ts"));
    compile(join(sources, "index.ts"), stack.folder);
    // The SDK reads its version there.
    copyFileSync(join(sdks.node, "package.json"), join(stack.folder, "nodejs", "package.json"));
    await prepare(stack);
    const ended = await stack.up();
    expect(ended.code, ended.output).toBe(0);
    expect(await typesOn(lab)).toEqual(declaredTypes);
    const destroyed = await stack.destroy();
    expect(destroyed.code, destroyed.output).toBe(0);
    stack.remove();
  });
});
