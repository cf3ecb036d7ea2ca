import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { endVm, injectFault, startVm } from "../lab";
import { enableVfs, gpuInstances, migMode } from "../lab/behaviours/devices";
import { A30, A100 } from "../lab/behaviours/mig-mode";
import { migCards } from "../lab/cards/sets";
import type { Vgpus } from "./declared";
import { typesOn } from "./declared";
import { interruptionScenario } from "./interruption-scenario";
import { createVgpu, mdevsOn, removeVgpu, uuidsOn } from "./manual-changes";
import { layoutsOf, migProgram, placesOf } from "./mig-program";
import { mixedMode } from "./mixed-mode";
import { recordedSteps } from "./recorded-steps";
import type { Declared } from "./stack";

/** A vGPU that was created by hand. */
const manual = "11111111-1111-4111-8111-111111111111";

const declared = async (lab: LabHost, vgpus: Vgpus): Promise<Declared[]> =>
  migProgram(lab, {
    mig: {
      ...("A30-6C" in vgpus ? { enabled: ["A100"], disabled: ["A30"] } : { enabled: ["A100", "A30"] }),
      reboot: "whenIdle",
    },
    layouts: layoutsOf(vgpus, { A100: "A100-", A30: "A30-", A40: "A40-" }),
    restoreAtBoot: false,
  });

const a40: Vgpus = { "A40-12Q": 2, "A40-24Q": 1 };
const a100: Vgpus = { "A100-3-20C": 1, "A100-2-10C": 1, "A100-1-5C": 2 };
const smallA100: Vgpus = { "A100-3-20C": 1, "A100-1-5C": 4 };
const timeSlicedA30: Vgpus = { "A30-6C": 4 };

const places = async (lab: LabHost, gpu: string) => placesOf(await gpuInstances(lab, gpu));

interruptionScenario(
  "MIG-backed mdevs of an A30 without MIG mode and of an A100 that was divided by hand, and two sizes of an A40, interrupted at every step",
  {
    host: { cards: migCards, state: "ready" },
    before: async (lab) => {
      await lab.run(`nvidia-smi -i ${A100} -mig 1`);
      await enableVfs(lab, A100);
      await lab.run(`nvidia-smi mig -i ${A100} -cgi 9,14`);
      await createVgpu(lab, "0000:c4:00.4", "A100-3-20C", manual);
    },
    declared,
    killsOneClient: true,
    interrupts: [
      {
        calls: "set_mig_mode",
        kills: "step",
        declares: { ...a100, "A30-2-12C": 1, "A30-1-6C": 1, "A30-1-6CME": 1, ...a40 },
      },
      { calls: "create_gpu_instance", kills: "run" },
      { calls: "create_mdev", middle: "vgpus() >= 3", kills: "run" },
      {
        calls: "remove_mdev",
        kills: "runner",
        before: async (lab) => {
          expect([await places(lab, A100), await places(lab, A30)]).toEqual(["14@0 19@2 19@3 9@4", "14@1 21@0 5@2"]);
          expect(await uuidsOn(lab)).toContain(manual);
        },
        declares: { ...smallA100, "A30-2-12C": 1, "A30-1-6C": 2, ...a40 },
      },
      { calls: "destroy_gpu_instance", kills: "step" },
      {
        calls: "disable_vfs",
        kills: "run",
        before: async (lab) => {
          expect([await places(lab, A100), await places(lab, A30)]).toEqual([
            "19@0 19@1 19@2 19@3 9@4",
            "14@0 14@1 5@2",
          ]);
        },
        declares: { ...smallA100, ...timeSlicedA30, ...a40 },
      },
      { calls: "set_mig_mode", kills: "runner" },
    ],
    // By the tests of a bare host, and of vGPUs by type files. adopt_vgpu writes one file, and is over before it can be paused.
    interruptedElsewhere: ["enable_vfs", "set_mixed_sizes", "adopt_vgpu"],
    // If the killed sriov-manage had taken the GPU from its driver.
    possibleRepairs: ["bind_pf"],
  },
  {
    last: ({ lab, stack }) => {
      const declare = async (vgpus: Vgpus) => stack().declare(await declared(lab(), { ...timeSlicedA30, ...vgpus }));
      const uuidOf = async (model: string, name: string) =>
        ((await stack().outputsOf(model)) as { instances: Record<string, { uuid: string }> }).instances[name]!.uuid;
      const vmOn = async (name: string, model: string, vgpu: string) =>
        startVm(lab(), name, `/sys/bus/mdev/devices/${await uuidOf(model, vgpu)}`);

      test("the interrupted ups end with the declared modes, GPU instances and vGPUs, and outputs show the divided GPU; a preview finds no changes", async () => {
        expect([await migMode(lab(), A100), await migMode(lab(), A30)]).toEqual([
          "Enabled, Enabled",
          "Disabled, Disabled",
        ]);
        expect(await typesOn(lab())).toEqual([
          ...Array<string>(4).fill("A100-1-5C"),
          "A100-3-20C",
          ...Array<string>(4).fill("A30-6C"),
          "A40-12Q",
          "A40-12Q",
          "A40-24Q",
        ]);
        expect(await places(lab(), A100)).toBe("19@0 19@1 19@2 19@3 9@4");
        expect(await mixedMode(lab(), "A40")).toBe("Enabled");
        expect((await stack().outputsOf("A100")).mig).toMatchObject({ enabled: true, freeSlices: [] });
        const { code, output } = await stack().preview("--expect-no-changes");
        expect(code, output).toBe(0);
      });

      test("while VMs use a vGPU of the A100 and of the A40, what touches theirs is refused, and the other instances of the A100 are divided again", async () => {
        const vms = [await vmOn("train-01", "A100", "A100-3-20C#1"), await vmOn("cad-01", "A40", "A40-12Q#1")];
        const before = [await mdevsOn(lab()), await places(lab(), A100)];
        await declare({ "A100-7-40C": 1, "A40-8Q": 6 });
        const refused = await stack().up();
        expect(refused.code).not.toBe(0);
        expect(refused.output).toMatch(/is used by the guest train-01 \(running, pid \d+\)/);
        expect(refused.output).toMatch(/is used by the guest cad-01 \(running, pid \d+\)/);
        expect([await mdevsOn(lab()), await places(lab(), A100)]).toEqual(before);

        const kept = [await uuidOf("A100", "A100-3-20C#1"), await uuidOf("A100", "A100-1-5C#1")];
        await endVm(lab(), vms.pop()!);
        await declare({ ...a100, "A40-8Q": 6 });
        const { code, output } = await stack().up();
        for (const vm of vms) await endVm(lab(), vm);
        expect(code, output).toBe(0);
        // The driver does not show the instances of the smaller vGPUs.
        expect(await places(lab(), A100)).toMatch(/^14@[02] 19@\d 19@\d 9@4$/);
        expect(await uuidsOn(lab())).toEqual(expect.arrayContaining(kept));
        expect(await mixedMode(lab(), "A40")).toBe("Disabled");
      });

      test("the preview reports a GPU instance that was destroyed by hand, and up re-creates it, and nothing else", async () => {
        const before = await mdevsOn(lab());
        await removeVgpu(lab(), await uuidOf("A100", "A100-2-10C#1"));
        const instances = await gpuInstances(lab(), A100);
        const [id] = Object.entries(instances).find(([, place]) => place.startsWith("14@"))!;
        await lab().run(`nvidia-smi mig -i ${A100} -gi ${id} -dci; nvidia-smi mig -i ${A100} -gi ${id} -dgi`);
        const { code, output } = await stack().preview("--expect-no-changes");
        expect(code).not.toBe(0);
        expect(output).toMatch(/GPU instance 2g\.10gb/);
        const up = await stack().up();
        expect(up.code, up.output).toBe(0);
        expect(Object.values(await gpuInstances(lab(), A100)).sort()).toEqual(Object.values(instances).sort());
        expect((await mdevsOn(lab())).filter((one) => !before.includes(one))).toHaveLength(1);
        expect((await recordedSteps(lab())).map(([does]) => does)).toEqual(["create_gpu_instance", "create_mdev"]);
      });

      test("one up turns MIG mode on with VFs on; pending, it takes effect by a reboot, after which all else is re-created", async () => {
        await injectFault(lab(), "mig-busy", "1");
        const vgpus: Vgpus = { ...a100, "A30-2-12C": 2, "A40-8Q": 6 };
        stack().declare(await declared(lab(), vgpus));
        const { code, output } = await stack().up();
        expect(code, output).toBe(0);
        expect([await migMode(lab(), A100), await migMode(lab(), A30)]).toEqual([
          "Enabled, Enabled",
          "Enabled, Enabled",
        ]);
        expect(await typesOn(lab())).toEqual(
          Object.entries(vgpus)
            .flatMap(([type, count]) => Array<string>(count).fill(type))
            .sort(),
        );
        const preview = await stack().preview("--expect-no-changes");
        expect(preview.code, preview.output).toBe(0);
      });
    },
  },
);
