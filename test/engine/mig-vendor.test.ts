import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { endVm, injectFault, sshdCountsDuring, startVm } from "../lab";
import { gpuInstances, migMode, pci } from "../lab/behaviours/devices";
import { H100, RTX } from "../lab/behaviours/mig-vendor";
import { migVendorCards } from "../lab/cards/sets";
import type { Vgpus } from "./declared";
import { hasSomeVfsOf, interruptionScenario } from "./interruption-scenario";
import { typesByVf } from "./manual-changes";
import { layoutsOf, migProgram, placesOf } from "./mig-program";
import { mixedMode } from "./mixed-mode";
import { recordedSteps } from "./recorded-steps";
import type { Declared } from "./stack";

const H200 = "0000:45:00.0";
const rtx = "Server Edition";

/** Filled from the first up on. */
const others: Vgpus = { "H100-3-40C": 2, "H200X-3-71C": 1, "H200X-2-35C": 1, "H200X-1-18C": 2 };
const timeSliced: Vgpus = { ...others, "DC-24Q": 2, "L40S-8Q": 6 };
const divided: Vgpus = { ...others, "DC-1-3Q": 9, "DC-2-48Q": 1, "L40S-12Q": 2, "L40S-24Q": 1 };
const dividedAgain: Vgpus = { ...others, "DC-2-24Q": 4, "L40S-12Q": 2, "L40S-24Q": 1 };

const declared = async (lab: LabHost, vgpus: Vgpus): Promise<Declared[]> => {
  const enabled = ["H100", "H200"];
  return migProgram(lab, {
    mig: "DC-24Q" in vgpus ? { enabled, disabled: [rtx] } : { enabled: [...enabled, rtx], onDelete: "disable" },
    layouts: layoutsOf(vgpus, { H100: "H100-", H200: "H200X-", [rtx]: "DC-", L40S: "L40S-" }),
  });
};

const places = async (lab: LabHost, gpu: string) => placesOf(await gpuInstances(lab, gpu));
const onBus = (all: Record<string, number>, bus: string) =>
  Object.fromEntries(Object.entries(all).filter(([vf]) => vf.startsWith(`0000:${bus}`)));

interruptionScenario(
  "vGPUs by type files of an H100, an H200 and an RTX PRO 6000 with MIG mode and of an L40S with several sizes, interrupted at every step",
  {
    host: { cards: migVendorCards, state: "ready", driver: "580.105.06" },
    declared,
    killsOneClient: true,
    interrupts: [
      { calls: "set_mig_mode", kills: "step", declares: timeSliced },
      { calls: "change_gpu_record", kills: "runner" },
      { calls: "enable_vfs", middle: hasSomeVfsOf("0000:41"), kills: "runner" },
      { calls: "create_gpu_instance", kills: "run" },
      { calls: "set_type", middle: "vgpus() >= 3", kills: "step" },
      { calls: "disable_vfs", kills: "step", declares: divided },
      { calls: "set_mixed_sizes", kills: "step" },
      {
        calls: "clear_type",
        middle: "vgpus() <= 16",
        kills: "run",
        before: async (lab) => {
          expect(await places(lab, RTX)).toBe("35@6 47@0 47@3");
          expect(Object.keys(await typesByVf(lab))).toHaveLength(2 + 4 + 10 + 3);
        },
        declares: dividedAgain,
      },
      { calls: "destroy_gpu_instance", kills: "runner" },
    ],
    // By the test of a bare host.
    interruptedElsewhere: ["record_gpu", "install_restorer"],
    // If a vGPU was removed already when its step was killed, and its record was not; if sriov-manage had taken a GPU from its driver.
    possibleRepairs: ["forget_vgpu", "bind_pf"],
  },
  {
    last: ({ lab, stack }) => {
      const declare = async (vgpus: Vgpus) => stack().declare(await declared(lab(), vgpus));
      const { "H100-3-40C": _, ...others } = dividedAgain;
      const sevenH100: Vgpus = { ...others, "H100-1-10C": 7 };

      test("a preview of four full GPUs after the interrupted ups finds no changes, in 1 connection and 1 exec", async () => {
        expect([await places(lab(), H100), await places(lab(), H200), await places(lab(), RTX)]).toEqual([
          "9@0 9@4",
          "14@2 19@0 19@1 9@4",
          "35@0 35@6",
        ]);
        expect(await mixedMode(lab(), "L40S")).toBe("Enabled");
        const counts = await sshdCountsDuring(lab(), async () => {
          const { code, output } = await stack().preview("--expect-no-changes");
          expect(code, output).toBe(0);
        });
        expect(counts).toEqual({ connections: 1, sessions: 1 });
      });

      test("an up fails that leaves a vGPU of the L40S to a VM, and in which no GPU instance is created, against what nvidia-smi reports", async () => {
        const before = onBus(await typesByVf(lab()), "3d");
        const vm = await startVm(lab(), "cad-01", pci(Object.keys(before)[0]!));
        const { "L40S-12Q": __, "L40S-24Q": ___, ...rest } = sevenH100;
        await declare({ ...rest, "L40S-8Q": 6 });
        await injectFault(lab(), "gpu-instance-busy", "1");
        await injectFault(lab(), "gpu-instance-not-created", "7");
        const { code, output } = await stack().up();
        await endVm(lab(), vm);
        expect(code).not.toBe(0);
        expect(output).toMatch(/no GPU instance of profile 19 was created at slice \d of 0000:41:00\.0/);
        expect(output).toMatch(/is used by the guest cad-01 \(running, pid \d+\)/);
        expect(onBus(await typesByVf(lab()), "3d")).toEqual(before);
        expect(await places(lab(), H100)).toBe("");
      });

      test("the next up creates 7 GPU instances and 7 vGPUs in 3 execs at most, while a VM uses a vGPU of another GPU", async () => {
        const before = await typesByVf(lab());
        const vm = await startVm(lab(), "train-01", pci(Object.keys(onBus(before, "c4"))[0]!));
        await declare(sevenH100);
        const counts = await sshdCountsDuring(lab(), async () => {
          const { code, output } = await stack().up();
          expect(code, output).toBe(0);
        });
        await endVm(lab(), vm);
        expect(counts.connections).toBe(1);
        expect(counts.sessions).toBeLessThanOrEqual(3);
        expect(await places(lab(), H100)).toBe("19@0 19@1 19@2 19@3 19@4 19@5 19@6");
        const after = await typesByVf(lab());
        expect(Object.keys(onBus(after, "41"))).toHaveLength(7);
        for (const bus of ["3d", "45", "c4"]) expect(onBus(after, bus)).toEqual(onBus(before, bus));
        const steps = (await recordedSteps(lab())).filter(([does]) => does !== "change_gpu_record");
        expect(new Set(steps.map(([, at]) => at?.slice(5, 7)))).toEqual(new Set(["41"]));
      });

      test.each([
        ["a power cut", () => lab().powerCut()],
        ["a clean reboot", () => lab().reboot()],
      ])(
        "a host that lost MIG mode and mixed-size mode by %s has the modes, instances and vGPUs again, on the same VFs",
        async (_, goDown) => {
          const before = await typesByVf(lab());
          await goDown();
          await expect.poll(() => typesByVf(lab()), { timeout: 120_000, interval: 2_000 }).toEqual(before);
          expect(await places(lab(), H100)).toBe("19@0 19@1 19@2 19@3 19@4 19@5 19@6");
          expect(await mixedMode(lab(), "L40S")).toBe("Enabled");
        },
      );

      test("a preview after a power cut and a clean reboot finds no changes", async () => {
        const { code, output } = await stack().preview("--expect-no-changes");
        expect(code, output).toBe(0);
      });

      test("destroy removes the vGPUs, and turns MIG mode off where that is declared", async () => {
        const { code, output } = await stack().destroy();
        expect(code, output).toBe(0);
        expect(await typesByVf(lab())).toEqual({});
        expect([await migMode(lab(), H100), await migMode(lab(), H200), await migMode(lab(), RTX)]).toEqual(
          Array<string>(3).fill("Disabled, Disabled"),
        );
      });
    },
  },
);
