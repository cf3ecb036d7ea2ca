import type * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import type { VgpuHostArgs } from "../../provider/components/host-args";
import { VgpuHost } from "../../provider/components/vgpu-host";
import { inputsOf, kinds, program, registered, settled } from "./mocks";

const args: VgpuHostArgs = {
  connection: { host: "gpu01.example" },
  driver: { version: "580.105.06" },
  reboot: "whenIdle",
  gpus: { a: { gpu: { model: "A40", index: 0 }, vgpus: { "A40-12Q": 4 } }, b: { gpu: { model: "A40", index: 1 } } },
};
const make = async (more: Partial<VgpuHostArgs> = {}, opts: pulumi.ComponentResourceOptions = {}) => {
  const host = new VgpuHost("gpu01", { ...args, ...more }, opts);
  await settled();
  return host;
};

beforeEach(() => program(false));

describe("a host", () => {
  test("has a driver, virtual functions, and a layout for each GPU with vGPUs", async () => {
    await make();
    expect(kinds()).toEqual([
      "VgpuHost gpu01",
      "VgpuManagerInstall gpu01",
      "SriovEnablement gpu01",
      "VgpuLayout gpu01/a",
    ]);
    expect(inputsOf("VgpuManagerInstall", "gpu01")).toMatchObject({ version: "580.105.06", reboot: "whenIdle" });
    expect(inputsOf("SriovEnablement", "gpu01").gpus).toEqual([
      { model: "A40", index: 0 },
      { model: "A40", index: 1 },
    ]);
    expect(inputsOf("VgpuLayout", "gpu01/a")).toMatchObject({
      gpu: { model: "A40", index: 0 },
      vgpus: { "A40-12Q": 4 },
      onDelete: "removeUnused",
    });
  });

  test("makes its resources depend on each other, so that a new driver restores what it removed", async () => {
    await make();
    expect(inputsOf("SriovEnablement", "gpu01").dependencyAppliedAt).toBe("1");
    expect(inputsOf("VgpuLayout", "gpu01/a").dependencyAppliedAt).toBe("1");
  });

  test("has MIG mode before the virtual functions, where it is declared or the types of a GPU decide it", async () => {
    await make({
      gpus: {
        a: { gpu: { model: "A100", index: 0 }, vgpus: { "A100-2-10C": 3 } },
        b: { gpu: { model: "A100", index: 1 }, vgpus: { "A100-10C": 4 } },
        c: { gpu: { model: "A100", index: 2 }, mig: true },
        d: { gpu: { model: "A100", index: 3 }, gpuInstances: { "1g.5gb": 7 } },
        e: { gpu: { model: "A40" }, vgpus: { "A40-12Q": 4 } },
        f: { gpu: { model: "A100", index: 4 } },
      },
    });
    expect(kinds().slice(0, 4)).toEqual([
      "VgpuHost gpu01",
      "VgpuManagerInstall gpu01",
      "MigEnablement gpu01",
      "SriovEnablement gpu01",
    ]);
    expect(kinds().slice(4).sort()).toEqual(["a", "b", "d", "e"].map((key) => `VgpuLayout gpu01/${key}`));
    const a100 = (index: number) => ({ model: "A100", index });
    expect(inputsOf("MigEnablement", "gpu01")).toMatchObject({
      enabled: [a100(0), a100(2), a100(3)],
      disabled: [a100(1)],
      reboot: "whenIdle",
      dependencyAppliedAt: "1",
    });
    expect(inputsOf("SriovEnablement", "gpu01").dependencyAppliedAt).toBe("1");
    expect(inputsOf("VgpuLayout", "gpu01/d")).toMatchObject({ gpuInstances: { "1g.5gb": 7 } });
  });

  test("without a driver begins with the virtual functions", async () => {
    await make({ driver: undefined });
    expect(kinds()).toEqual(["VgpuHost gpu01", "SriovEnablement gpu01", "VgpuLayout gpu01/a"]);
    expect(inputsOf("SriovEnablement", "gpu01").connection).toEqual({ host: "gpu01.example" });
  });

  test("without GPUs has only a driver", async () => {
    await make({ gpus: {} });
    expect(kinds()).toEqual(["VgpuHost gpu01", "VgpuManagerInstall gpu01"]);
  });

  test("in maintenance passes the reason to all resources", async () => {
    await make({ maintenance: "DIMM" });
    expect(registered.slice(1).map(({ inputs }) => inputs.maintenance)).toEqual(["DIMM", "DIMM", "DIMM"]);
  });

  test("passes protect on to its resources", async () => {
    const { parts } = await make({}, { protect: true });
    expect(parts.map((part) => (part as unknown as { __protect: boolean }).__protect)).toEqual([true, true, true]);
  });

  test("has its vGPUs by the key of the GPU", async () => {
    const { vgpus } = await make();
    expect(await new Promise((resolve) => vgpus.apply(resolve))).toEqual({ a: {} });
  });

  test("with former names, also of a GPU, gives aliases to its resources", async () => {
    const aliases: Record<string, unknown> = {};
    const look: pulumi.ResourceTransformation = ({ type, name, opts }) =>
      void (aliases[`${type.replace(/^.*[:/]/, "")} ${name}`] = opts.aliases);
    const gpus = { a: { ...args.gpus.a!, formerly: "left" } };
    await make({ gpus, formerly: "gpu1" }, { transformations: [look] });
    expect(aliases).toEqual({
      "VgpuHost gpu01": [{ name: "gpu1" }],
      "VgpuManagerInstall gpu01": [{ name: "gpu1" }],
      "SriovEnablement gpu01": [{ name: "gpu1" }],
      "VgpuLayout gpu01/a": [{ name: "gpu01/left" }, { name: "gpu1/a" }, { name: "gpu1/left" }],
    });
  });
});
