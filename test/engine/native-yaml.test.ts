import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabHost } from "../lab";
import { driverPackage, up } from "../lab";
import { connectionTo, typesOn } from "./declared";
import { removeVgpu, uuidsOn } from "./manual-changes";
import { YamlStack } from "./yaml-stack";

const version = "550.163.02";
const cad = "11111111-1111-4111-8111-111111111111";

describe("a YAML program with the native plugin", () => {
  let lab: LabHost;
  let stack: YamlStack;
  let at: { host: string; port: number };

  const program = (vgpus: object) => ({
    driver: {
      type: "nvidia-vgpu:VgpuManagerInstall",
      properties: { connection: at, package: driver, iommu: true, reboot: "whenIdle" },
    },
    functions: {
      type: "nvidia-vgpu:SriovEnablement",
      properties: { on: "${driver.host}", gpus: [{ model: "A40" }] },
    },
    layout: {
      type: "nvidia-vgpu:VgpuLayout",
      properties: {
        on: "${functions.host}",
        gpu: { model: "A40" },
        vgpus,
        named: { cad: { type: "A40-8Q", uuid: cad } },
      },
    },
  });
  let driver: string;

  beforeAll(async () => {
    lab = await up({ cards: "A40@0000:41", state: "bare", iommu: "off" });
    driver = await driverPackage(version);
    stack = new YamlStack();
    const { host, port, ...login } = connectionTo(lab) as Record<string, string>;
    at = { host: host!, port: Number(port) };
    stack.program(program({ "A40-8Q": 2 }), { cad: "${layout.named.cad.uuid}" });
    for (const [key, value] of Object.entries(login)) await stack.pulumi("config", "set", `nvidia-vgpu:${key}`, value);
  });
  afterAll(async () => {
    stack?.remove();
    await lab?.down();
  });

  test("the preview of a bare host has the steps of all its resources, and knows the UUID of a named vGPU", async () => {
    const { code, output } = await stack.preview();
    expect(code, output).toBe(0);
    const [, diagnostics] = output.split("Diagnostics:");
    expect(diagnostics).toMatch(/VgpuManagerInstall \(driver\):\n +\[driver@\S+\] \d+ steps.*reboot/);
    expect(diagnostics).toMatch(/SriovEnablement \(functions\):\n(.*\n)*? +\[functions@\S+\] \d+ steps?\n/);
    expect(diagnostics).toMatch(
      /VgpuLayout \(layout\):\n(.*\n)*? +\[layout@\S+\] \d+ steps?\n(.*\n)*?.*create 3 × A40-8Q/,
    );
    expect(output).toMatch(new RegExp(`cad: "${cad}"`));
  });

  test("an up takes the host from bare Linux to vGPUs, and one more changes nothing", async () => {
    const { code, output } = await stack.up();
    expect(code, output).toBe(0);
    expect(await typesOn(lab)).toEqual(["A40-8Q", "A40-8Q", "A40-8Q"]);
    const again = await stack.preview("--expect-no-changes");
    expect(again.code, again.output).toBe(0);
    expect((await stack.outputsOf("layout")).connection).toEqual(at);
  });

  test("a preview shows what drifted by its path, and an up repairs it", async () => {
    await removeVgpu(lab, cad);
    const { output } = await stack.preview("--diff");
    expect(output).toMatch(/\+ +named +: \{\n +\+ cad: \{|\+ cad +: \{/);
    expect((await stack.up()).code).toBe(0);
    expect(await uuidsOn(lab)).toContain(cad);
  });

  test("an import of vGPUs without records has no difference afterwards, and destroy removes the vGPUs", async () => {
    const { code, output } = await stack.pulumi("state", "delete", "--all", "--yes");
    expect(code, output).toBe(0);
    // As vGPUs that this package did not create.
    await lab.run("rm -r /etc/nvidia-vgpu/vgpus");
    const host = `${at.host}:${at.port}`;
    for (const [type, name, id] of [
      ["VgpuManagerInstall", "driver", host],
      ["SriovEnablement", "functions", host],
      ["VgpuLayout", "layout", `${host}/0000:41:00.0`],
    ]) {
      const imported = await stack.pulumi(
        "import",
        `nvidia-vgpu:index:${type}`,
        name!,
        id!,
        "--yes",
        "--protect=false",
      );
      expect(imported.code, imported.output).toBe(0);
      expect(imported.output).not.toContain("privateKeyPath");
    }
    stack.program({
      driver: {
        type: "nvidia-vgpu:VgpuManagerInstall",
        properties: { connection: at, version, prerequisites: "require" },
      },
      functions: {
        type: "nvidia-vgpu:SriovEnablement",
        properties: { connection: at, gpus: ["0000:41:00.0"] },
      },
      layout: {
        type: "nvidia-vgpu:VgpuLayout",
        properties: { connection: at, gpu: "0000:41:00.0", vgpus: { "A40-8Q": 3 }, restoreAtBoot: false },
      },
    });
    const preview = await stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
    const destroyed = await stack.destroy();
    expect(destroyed.code, destroyed.output).toBe(0);
    expect(await typesOn(lab)).toEqual([]);
  });
});
