import { expect } from "vitest";
import { injectFault } from "..";
import type { Behaviour } from "./behaviour";
import { clearInstances, disableVfs, enableVfs, gpuInstances, migMode, smi, whileOpen, withKnob } from "./devices";

export const A40 = "0000:41:00.0";
export const A30 = "0000:82:00.0";
export const A100 = "0000:c4:00.0";

/** MIG mode of cards up to Ampere. MIG mode of the A100 is on and its VFs are enabled when a check starts and when it ends. */
export const migModes: Behaviour[] = [
  {
    id: "B37",
    title: "an SR-IOV cycle removes all GPU instances of the card, and MIG mode stays",
    async check(lab) {
      await lab.run(`nvidia-smi mig -i ${A100} -cgi 14,14`);
      await disableVfs(lab, A100);
      expect(await gpuInstances(lab, A100)).toEqual({});
      await enableVfs(lab, A100);
      expect(await gpuInstances(lab, A100)).toEqual({});
      expect(await migMode(lab, A100)).toBe("Enabled, Enabled");
    },
  },
  {
    id: "B82",
    title: "-mig 1 with VFs enabled is refused with 19, and works without them",
    async check(lab) {
      await enableVfs(lab, A30);
      const { code, stdout } = await smi(lab, `-i ${A30} -mig 1`);
      expect(code).toBe(19);
      expect(stdout).toContain("Unable to enable MIG Mode for GPU 00000000:82:00.0: In use by another client");
      expect(await migMode(lab, A30)).toBe("Disabled, Disabled");
      await disableVfs(lab, A30);
      expect(await lab.run(`nvidia-smi -i ${A30} -mig 1`)).toContain("Enabled MIG Mode");
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
    },
  },
  {
    id: "B83",
    title: "-mig 1 prints the change and All done, and a warning while persistence mode is off",
    async check(lab) {
      const lines = (await lab.run(`nvidia-smi -i ${A30} -mig 1`)).trim().split("\n");
      expect(lines[0]).toBe("Enabled MIG Mode for GPU 00000000:82:00.0");
      expect(lines[2]).toMatch(/^Warning: persistence mode is disabled on device 00000000:82:00\.0\. /);
      expect(lines.at(-1)).toBe("All done.");
      expect(await lab.run(`nvidia-smi -i ${A30} -mig 0`)).toMatch(/^Disabled MIG Mode for GPU 00000000:82:00\.0\n/);
    },
  },
  {
    id: "B116",
    title: "-mig 1 without -i applies to all GPUs, and All done follows what is not supported",
    async check(lab) {
      await disableVfs(lab, A100);
      const output = await lab.run("nvidia-smi -mig 1");
      expect(output).toContain(
        "Unable to enable MIG Mode for GPU 00000000:41:00.0: Not Supported\nTreating as warning and moving on.\nEnabled MIG Mode for GPU 00000000:82:00.0\n",
      );
      expect(output).toMatch(/All done\.\n$/);
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
      await enableVfs(lab, A100);
    },
  },
  {
    id: "B129",
    title: "sriov-manage -d removes GPU instances, and -mig 0 is refused before it and works after it",
    async check(lab) {
      await lab.run(`nvidia-smi mig -i ${A100} -cgi 9 -C`);
      expect((await smi(lab, `-i ${A100} -mig 0`)).code).toBe(19);
      await disableVfs(lab, A100);
      expect(await gpuInstances(lab, A100)).toEqual({});
      expect(await lab.run(`nvidia-smi -i ${A100} -mig 0`)).toContain("Disabled MIG Mode");
      await lab.run(`nvidia-smi -i ${A100} -mig 1`);
      await enableVfs(lab, A100);
    },
  },
  {
    id: "B136",
    title: "the mode of an A30 with a client is pending, and takes effect at a reset",
    async check(lab) {
      await whileOpen(lab, A30, async () => {
        const output = await lab.run(`nvidia-smi -i ${A30} -mig 1`);
        expect(output).toContain(
          "Warning: MIG mode is in pending enable state for GPU 00000000:82:00.0:In use by another client\n00000000:82:00.0 is currently being used by one or more other processes",
        );
        expect(output).toMatch(/All done\.\n$/);
        expect(await migMode(lab, A30)).toBe("Disabled, Enabled");
        expect(await lab.run("nvidia-smi")).toContain(" Enabled* |");
        expect((await smi(lab, `-i ${A30} --gpu-reset`)).stdout).toContain("currently being used");
      });
      expect(await migMode(lab, A30)).toBe("Disabled, Enabled");
      expect(await lab.run(`nvidia-smi -i ${A30} --gpu-reset`)).toContain("00000000:82:00.0 was successfully reset");
      expect(await migMode(lab, A30)).toBe("Enabled, Enabled");
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
    },
  },
  {
    id: "B141",
    title: "a reset can report success, and the mode stays pending",
    async check(lab) {
      await withKnob(lab, "lab_mig_busy", "1", () => lab.run(`nvidia-smi -i ${A30} -mig 1`));
      await withKnob(lab, "lab_reset_nothing", "1", async () => {
        expect(await lab.run(`nvidia-smi -i ${A30} --gpu-reset`)).toContain("was successfully reset");
        expect(await migMode(lab, A30)).toBe("Disabled, Enabled");
      });
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
    },
  },
  {
    id: "B145",
    title: "nvidia-smi can hang",
    async check(lab) {
      await injectFault(lab, "nvidia-smi-hangs");
      expect((await lab.sh("timeout 2 nvidia-smi")).code).toBe(124);
      await lab.run("rm /run/nvidia-standin/faults/nvidia-smi-hangs");
    },
  },
  {
    id: "B132",
    title: "with the plain package a GPU that supports MIG has no types, and others have theirs",
    async check(lab) {
      const reload =
        "systemctl stop nvidia-vgpu-mgr && rmmod nvidia-vgpu-vfio nvidia && modprobe nvidia-vgpu-vfio && systemctl start nvidia-vgpu-mgr && systemctl restart nvidia-vgpud";
      for (const gpu of [A40, A100]) await disableVfs(lab, gpu);
      await injectFault(lab, "plain-package");
      await lab.run(reload);
      expect(await lab.run(`nvidia-smi vgpu -s -i ${A100}`)).not.toContain("GRID");
      expect(await lab.run(`nvidia-smi vgpu -s -i ${A40}`)).toContain("A40-12Q");
      await lab.run(`rm /run/nvidia-standin/faults/plain-package; ${reload}`);
      expect(await lab.run(`nvidia-smi vgpu -s -i ${A100}`)).toContain("A100-2-10C");
      for (const gpu of [A40, A100]) await enableVfs(lab, gpu);
    },
  },
  {
    id: "B89",
    title: "an A100 keeps MIG mode over a reboot, and loses its GPU instances",
    async check(lab) {
      await lab.run(`nvidia-smi mig -i ${A100} -cgi 9 -C`);
      await withKnob(lab, "lab_mig_busy", "1", () => lab.run(`nvidia-smi -i ${A30} -mig 1`));
      await lab.reboot();
      expect(await migMode(lab, A100)).toBe("Enabled, Enabled");
      expect(await migMode(lab, A30), "a pending mode takes effect at a reboot").toBe("Enabled, Enabled");
      expect(await gpuInstances(lab, A100)).toEqual({});
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
      await enableVfs(lab, A100);
      await clearInstances(lab, A100);
    },
  },
];
