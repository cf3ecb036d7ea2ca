import { expect } from "vitest";
import type { Behaviour } from "./behaviour";
import { gpuInstances, kernelLogDuring, migMode, smi, whileOpen, withKnob } from "./devices";
import { A30 } from "./mig-mode";

const refused = `The following GPUs could not be reset:\n  GPU 00000000:82:00.0: In use by another client\n`;
const warning = "Warning: MIG mode is in pending enable state for GPU 00000000:82:00.0:";

/** What stands in the way of a new MIG mode, and what a new one undoes. The A30 has no MIG mode and no VFs when a check starts and when it ends. */
export const migChanges: Behaviour[] = [
  {
    id: "B130",
    title: "MIG mode turns accounting mode off, and does not let it be turned on",
    async check(lab) {
      const accounting = () => lab.run(`nvidia-smi -i ${A30} --query-gpu=accounting.mode --format=csv,noheader`);
      expect(await lab.run(`nvidia-smi -i ${A30} -am 1`)).toBe(
        "Enabled Accounting Mode for GPU 00000000:82:00.0.\nAll done.\n",
      );
      expect(await accounting()).toBe("Enabled\n");
      await lab.run(`nvidia-smi -i ${A30} -mig 1`);
      expect(await accounting()).toBe("Disabled\n");
      expect(await lab.run(`nvidia-smi -i ${A30} -am 1`)).toContain(
        "Not Supported\nTreating as warning and moving on.",
      );
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
    },
  },
  {
    id: "B137",
    title: "a reset that turns MIG mode off skips the GPU instances, and the kernel log says so",
    async check(lab) {
      await lab.run(`nvidia-smi -i ${A30} -mig 1 && nvidia-smi mig -i ${A30} -cgi 14`);
      await withKnob(lab, "lab_mig_busy", "1", () => lab.run(`nvidia-smi -i ${A30} -mig 0`));
      expect(await gpuInstances(lab, A30)).toEqual({ 3: "14@0" });
      expect(await kernelLogDuring(lab, () => lab.run(`nvidia-smi -i ${A30} --gpu-reset`))).toContain(
        "Skipping reinitialization of persistent MIG instances due to MIG disablement!",
      );
      expect(await migMode(lab, A30)).toBe("Disabled, Disabled");
      await lab.run(`nvidia-smi -i ${A30} -mig 1`);
      expect(await gpuInstances(lab, A30)).toEqual({});
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
    },
  },
  {
    id: "B139",
    title: "a mode can stay pending for as long as something that nobody sees has the GPU open",
    async check(lab) {
      await withKnob(lab, "lab_mig_busy", "99", async () => {
        for (let n = 0; n < 3; n++)
          expect(await lab.run(`nvidia-smi -i ${A30} -mig 1`)).toContain(`${warning}In use by another client\n`);
        expect((await smi(lab, `-i ${A30} --gpu-reset`)).stdout).toContain(refused);
        expect(await migMode(lab, A30)).toBe("Disabled, Enabled");
      });
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
    },
  },
  {
    id: "B140",
    title: "nvidia-persistenced keeps a GPU from a reset, and not from a new MIG mode",
    async check(lab) {
      const persistent = async () => {
        expect((await smi(lab, `-i ${A30} --gpu-reset`)).stdout).toContain(refused);
        expect(await lab.run(`nvidia-smi -i ${A30} -mig 1`)).toContain("Enabled MIG Mode for GPU 00000000:82:00.0\n");
      };
      await whileOpen(lab, A30, persistent, "nvidia-persistenced");
      expect(await migMode(lab, A30)).toBe("Enabled, Enabled");
      await lab.run(`nvidia-smi -i ${A30} --gpu-reset && nvidia-smi -i ${A30} -mig 0`);
    },
  },
  {
    id: "B142",
    title: "a mode that takes too long, as before nvidia-fabricmanager is ready, is pending with Timeout",
    async check(lab) {
      await withKnob(lab, "lab_mig_timeout", "1", async () => {
        const output = await lab.run(`nvidia-smi -i ${A30} -mig 1`);
        expect(output).toContain(`${warning}Timeout\nReboot the system or try nvidia-smi --gpu-reset`);
        expect(output).toMatch(/All done\.\n$/);
      });
      expect(await migMode(lab, A30)).toBe("Disabled, Enabled");
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
    },
  },
];
