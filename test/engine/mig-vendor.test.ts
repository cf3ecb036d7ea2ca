import { expect, test } from "vitest";
import { endVm, injectFault, sshdCountsDuring, startVm } from "../lab";
import { gpuInstances, migMode, pci } from "../lab/behaviours/devices";
import { H100, RTX } from "../lab/behaviours/mig-vendor";
import { migVendorCards } from "../lab/cards/sets";
import type { Vgpus } from "./declared";
import { typesByVf } from "./manual-changes";
import { migProgram, placesOf } from "./mig-program";
import { onLab } from "./on-lab";
import { recordedSteps } from "./recorded-steps";

const H200 = "0000:45:00.0";

onLab(
  "MIG-backed vGPUs of H100, H200 and RTX PRO 6000 by type files",
  { cards: migVendorCards, state: "ready", driver: "580.105.06" },
  ({ lab, stack }) => {
    const h100 = { "H100-1-10C": 7 };
    const h200 = { "H200X-3-71C": 1, "H200X-2-35C": 1, "H200X-1-18C": 2 };
    const shared = { "DC-1-3Q": 9, "DC-2-48Q": 1 };
    const declare = (rtx: Vgpus) =>
      stack().declare(
        migProgram(lab(), {
          mig: { enabled: ["H100", "H200", "Server Edition"], onDelete: "disable" },
          layouts: { H100: h100, H200: h200, "Server Edition": rtx },
        }),
      );
    const places = async (gpu: string) => placesOf(await gpuInstances(lab(), gpu));

    test("an up in which an instance is not created, against what nvidia-smi reports, fails and names it", async () => {
      declare(shared);
      await injectFault(lab(), "gpu-instance-busy", "1");
      await injectFault(lab(), "gpu-instance-not-created", "1");
      const { code, output } = await stack().up();
      expect(code).not.toBe(0);
      expect(output).toMatch(/no GPU instance of profile \d+ was created at slice \d+ of 0000:(41|45|c4):00\.0/);
    });

    test("the next up completes three full cards, and a preview of them takes 1 connection and 1 exec", async () => {
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect([await places(H100), await places(H200), await places(RTX)]).toEqual([
        "19@0 19@1 19@2 19@3 19@4 19@5 19@6",
        "14@2 19@0 19@1 9@4",
        "35@6 47@0 47@3",
      ]);
      expect(Object.keys(await typesByVf(lab()))).toHaveLength(7 + 4 + 10);
      const counts = await sshdCountsDuring(lab(), async () => {
        const again = await stack().preview("--expect-no-changes");
        expect(again.code, again.output).toBe(0);
      });
      expect(counts).toEqual({ connections: 1, sessions: 1 });
    });

    test("one up changes the layout of one card, while a VM uses a vGPU of another", async () => {
      const before = await typesByVf(lab());
      const vf = Object.keys(before).find((one) => one.startsWith("0000:41"))!;
      const vm = await startVm(lab(), "train-01", pci(vf));
      declare({ "DC-1-24Q": 4 });
      const counts = await sshdCountsDuring(lab(), async () => {
        const { code, output } = await stack().up();
        expect(code, output).toBe(0);
      });
      await endVm(lab(), vm);
      expect(counts.connections).toBe(1);
      expect(counts.sessions).toBeLessThanOrEqual(3);
      expect(await places(RTX)).toBe("47@0 47@3 47@6 47@9");
      const others = Object.entries(before).filter(([one]) => !one.startsWith("0000:c4"));
      expect(await typesByVf(lab())).toMatchObject(Object.fromEntries(others));
      const steps = (await recordedSteps(lab())).filter(([does]) => does !== "change_gpu_record");
      expect(new Set(steps.map(([, at]) => at?.slice(5, 7)))).toEqual(new Set(["c4"]));
    });

    test("a host that lost MIG mode by a reboot has the mode, instances and vGPUs again, on the same VFs", async () => {
      const before = await typesByVf(lab());
      await lab().reboot();
      await expect.poll(() => typesByVf(lab()), { timeout: 120_000, interval: 2_000 }).toEqual(before);
      expect(await places(RTX)).toBe("47@0 47@3 47@6 47@9");
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
);
