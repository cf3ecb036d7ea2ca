import { beforeAll, expect, test } from "vitest";
import { endVm, injectFault, startVm } from "../lab";
import { enableVfs, gpuInstances, migMode } from "../lab/behaviours/devices";
import { A30, A100 } from "../lab/behaviours/mig-mode";
import { migCards } from "../lab/cards/sets";
import type { Vgpus } from "./declared";
import { typesOn } from "./declared";
import { createVgpu, mdevsOn, removeVgpu, uuidsOn } from "./manual-changes";
import { migProgram, placesOf } from "./mig-program";
import { mixedMode } from "./mixed-mode";
import { onLab } from "./on-lab";
import { recordedSteps } from "./recorded-steps";

const manual = "11111111-1111-4111-8111-111111111111";

onLab("MIG-backed vGPUs and mixed sizes with mdev", { cards: migCards, state: "ready" }, ({ lab, stack }) => {
  const layouts: Record<"A100" | "A30" | "A40", Vgpus> = {
    A100: { "A100-3-20C": 1, "A100-2-10C": 1, "A100-1-5C": 2 },
    A30: { "A30-2-12C": 1, "A30-1-6C": 1, "A30-1-6CME": 1 },
    A40: { "A40-12Q": 2, "A40-24Q": 1 },
  };
  /** Declares these layouts, and the others as before. */
  const declare = (changed: Partial<typeof layouts>, mig = {}) =>
    stack().declare(
      migProgram(lab(), {
        mig: { enabled: ["A100", "A30"], reboot: "whenIdle", ...mig },
        layouts: Object.assign(layouts, changed),
        restoreAtBoot: false,
      }),
    );
  const up = async () => {
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    return output;
  };
  const places = async (gpu: string) => placesOf(await gpuInstances(lab(), gpu));
  const declaredTypes = () =>
    Object.values(layouts)
      .flatMap((vgpus) => Object.entries(vgpus))
      .flatMap(([type, count]) => Array<string>(count).fill(type))
      .sort();
  const uuidOf = async (model: string, name: string) =>
    ((await stack().outputsOf(model)) as { instances: Record<string, { uuid: string }> }).instances[name]!.uuid;
  const vmOn = (name: string, uuid: string) => startVm(lab(), name, `/sys/bus/mdev/devices/${uuid}`);

  beforeAll(async () => {
    await lab().run(`nvidia-smi -i ${A100} -mig 1`);
    await enableVfs(lab(), A100);
    await lab().run(`nvidia-smi mig -i ${A100} -cgi 9,14`);
    await createVgpu(lab(), "0000:c4:00.4", "A100-3-20C", manual);
  });

  test("one up fills an A30 without MIG mode, an A100 that was divided by hand, of which it keeps what fits, and an A40 with two sizes", async () => {
    const before = await mdevsOn(lab());
    declare({});
    const output = await up();
    expect(output).not.toMatch(/destroy the GPU instance/);
    expect(await mdevsOn(lab())).toEqual(expect.arrayContaining(before));
    expect(await typesOn(lab())).toEqual(declaredTypes());
    expect([await places(A100), await places(A30)]).toEqual(["14@0 19@2 19@3 9@4", "14@1 21@0 5@2"]);
    expect(await mixedMode(lab(), "A40")).toBe("Enabled");
    expect((await stack().outputsOf("A100")).mig).toMatchObject({ enabled: true, freeSlices: [] });
  });

  test("the next up changes nothing", async () => {
    const { code, output } = await stack().up("--expect-no-changes");
    expect(code, output).toBe(0);
  });

  test("while VMs use a vGPU of the A30 and of the A40, others are divided again, and what touches theirs is refused", async () => {
    const vms = [await vmOn("train-01", await uuidOf("A30", "A30-2-12C#1"))];
    declare({ A100: { "A100-3-20C": 1, "A100-1-5C": 4 }, A30: { "A30-2-12C": 1, "A30-1-6C": 2 } });
    await up();
    expect([await places(A100), await places(A30)]).toEqual(["19@0 19@1 19@2 19@3 9@4", "14@0 14@1 5@2"]);
    vms.push(await vmOn("cad-01", await uuidOf("A40", "A40-12Q#1")));
    const before = [await mdevsOn(lab()), await places(A30)];
    const { A30: kept } = layouts;
    declare({ A30: { "A30-4-24C": 1 }, A40: { "A40-8Q": 6 } });
    const { code, output } = await stack().up();
    for (const vm of vms) await endVm(lab(), vm);
    expect(code).not.toBe(0);
    expect(output).toMatch(/is used by the guest train-01 \(running, pid \d+\)/);
    expect(output).toMatch(/is used by the guest cad-01 \(running, pid \d+\)/);
    expect([await mdevsOn(lab()), await places(A30)]).toEqual(before);
    layouts.A30 = kept;
  });

  test("one up divides the A100 again for two sizes, although the driver does not show the instances of its vGPUs, and turns mixed-size mode off", async () => {
    const kept = [await uuidOf("A100", "A100-1-5C#1"), await uuidOf("A100", "A100-1-5C#2")];
    declare({ A100: { "A100-3-20C": 1, "A100-2-10C": 1, "A100-1-5C": 2 } });
    await up();
    expect(await places(A100)).toMatch(/^14@[02] 19@\d 19@\d 9@4$/);
    expect(await uuidsOn(lab())).toEqual(expect.arrayContaining([manual, ...kept]));
    expect(await typesOn(lab())).toEqual(declaredTypes());
    expect(await mixedMode(lab(), "A40")).toBe("Disabled");
  });

  test("the preview reports a GPU instance that was destroyed by hand, and up re-creates it, and nothing else", async () => {
    const before = await mdevsOn(lab());
    await removeVgpu(lab(), await uuidOf("A30", "A30-2-12C#1"));
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
    declare({ A30: { "A30-6C": 4 } }, { enabled: ["A100"], disabled: ["A30"] });
    await up();
    expect([await migMode(lab(), A100), await migMode(lab(), A30)]).toEqual(["Enabled, Enabled", "Disabled, Disabled"]);
    expect(await typesOn(lab())).toEqual(declaredTypes());
    const { code, output } = await stack().preview("--expect-no-changes");
    expect(code, output).toBe(0);
  });
});
