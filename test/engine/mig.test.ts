import { beforeAll, expect, test } from "vitest";
import { endVm, injectFault, startVm } from "../lab";
import { enableVfs, gpuInstances, migMode } from "../lab/behaviours/devices";
import { A30, A100 } from "../lab/behaviours/mig-mode";
import { migCards } from "../lab/cards/sets";
import { typesOn } from "./declared";
import { createVgpu, mdevsOn, removeVgpu } from "./manual-changes";
import { migProgram, placesOf } from "./mig-program";
import { onLab } from "./on-lab";
import { recordedSteps } from "./recorded-steps";

const manual = "11111111-1111-4111-8111-111111111111";

onLab("MIG-backed vGPUs of an A100 and an A30 with mdev", { cards: migCards, state: "ready" }, ({ lab, stack }) => {
  const declare = (a100: Record<string, number>, a30: Record<string, number>, mig = {}) =>
    stack().declare(
      migProgram(lab(), {
        mig: { enabled: ["A100", "A30"], reboot: "whenIdle", ...mig },
        layouts: { A100: a100, A30: a30 },
        restoreAtBoot: false,
      }),
    );
  const up = async () => {
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    return output;
  };
  const places = async (gpu: string) => placesOf(await gpuInstances(lab(), gpu));
  const full = ["A100-1-5C", "A100-1-5C", "A100-2-10C", "A100-3-20C", "A30-1-6C", "A30-1-6CME", "A30-2-12C"];

  beforeAll(async () => {
    await lab().run(`nvidia-smi -i ${A100} -mig 1`);
    await enableVfs(lab(), A100);
    await lab().run(`nvidia-smi mig -i ${A100} -cgi 9,14`);
    await createVgpu(lab(), "0000:c4:00.4", "A100-3-20C", manual);
  });

  test("one up fills an A30 without MIG mode, and an A100 that was divided by hand, of which it keeps what fits", async () => {
    const before = await mdevsOn(lab());
    declare({ "A100-3-20C": 1, "A100-2-10C": 1, "A100-1-5C": 2 }, { "A30-2-12C": 1, "A30-1-6C": 1, "A30-1-6CME": 1 });
    const output = await up();
    expect(output).not.toMatch(/destroy the GPU instance/);
    expect(await mdevsOn(lab())).toEqual(expect.arrayContaining(before));
    expect(await typesOn(lab())).toEqual(full);
    expect([await places(A100), await places(A30)]).toEqual(["14@0 19@2 19@3 9@4", "14@1 21@0 5@2"]);
    expect((await stack().outputsOf("A100")).mig).toMatchObject({ enabled: true, freeSlices: [] });
  });

  test("the next up changes nothing", async () => {
    const { code, output } = await stack().up("--expect-no-changes");
    expect(code, output).toBe(0);
  });

  test("while a VM uses one vGPU, the instances of others are divided again, and its own is not", async () => {
    const { instances } = (await stack().outputsOf("A30")) as { instances: Record<string, { uuid: string }> };
    const vm = await startVm(lab(), "train-01", `/sys/bus/mdev/devices/${instances["A30-2-12C#1"]!.uuid}`);
    declare({ "A100-3-20C": 1, "A100-1-5C": 4 }, { "A30-2-12C": 1, "A30-1-6C": 2 });
    await up();
    expect([await places(A100), await places(A30)]).toEqual(["19@0 19@1 19@2 19@3 9@4", "14@0 14@1 5@2"]);
    const before = [await mdevsOn(lab()), await places(A30)];
    declare({ "A100-3-20C": 1, "A100-1-5C": 4 }, { "A30-4-24C": 1 });
    const { code, output } = await stack().up();
    await endVm(lab(), vm);
    expect(code).not.toBe(0);
    expect(output).toMatch(/is used by the guest train-01 \(running, pid \d+\)/);
    expect([await mdevsOn(lab()), await places(A30)]).toEqual(before);
  });

  test("the preview reports a GPU instance that was destroyed by hand, and up re-creates it, and nothing else", async () => {
    declare({ "A100-3-20C": 1, "A100-1-5C": 4 }, { "A30-2-12C": 1, "A30-1-6C": 2 });
    const { instances } = (await stack().outputsOf("A30")) as { instances: Record<string, { uuid: string }> };
    const before = await mdevsOn(lab());
    await removeVgpu(lab(), instances["A30-2-12C#1"]!.uuid);
    await lab().run(`nvidia-smi mig -i ${A30} -gi 2 -dci && nvidia-smi mig -i ${A30} -gi 2 -dgi`);
    const { code, output } = await stack().preview("--expect-no-changes");
    expect(code).not.toBe(0);
    expect(output).toMatch(/GPU instance 2g\.12gb/);
    await up();
    expect(await places(A30)).toBe("14@0 14@1 5@2");
    expect((await mdevsOn(lab())).filter((one) => !before.includes(one))).toHaveLength(1);
    expect((await recordedSteps(lab())).map(([does]) => does)).toEqual(["create_gpu_instance", "create_mdev"]);
  });

  test("one up turns MIG mode off with VFs on; pending, it takes effect by a reboot, after which all else is re-created", async () => {
    await injectFault(lab(), "mig-busy", "1");
    declare({ "A100-3-20C": 1, "A100-1-5C": 4 }, { "A30-6C": 4 }, { enabled: ["A100"], disabled: ["A30"] });
    await up();
    expect([await migMode(lab(), A100), await migMode(lab(), A30)]).toEqual(["Enabled, Enabled", "Disabled, Disabled"]);
    expect(await typesOn(lab())).toEqual([
      ...Array<string>(4).fill("A100-1-5C"),
      "A100-3-20C",
      ...Array<string>(4).fill("A30-6C"),
    ]);
    const { code, output } = await stack().preview("--expect-no-changes");
    expect(code, output).toBe(0);
  });
});
