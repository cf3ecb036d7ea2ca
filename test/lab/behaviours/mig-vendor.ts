import { expect } from "vitest";
import type { LabHost } from "..";
import type { Behaviour } from "./behaviour";
import {
  clearInstances,
  creatableTypes,
  disableVfs,
  enableVfs,
  gpuInstances,
  kernelLogDuring,
  migMode,
  pci,
  setType,
  smi,
  virtualFunctions,
  whileOpen,
} from "./devices";

export const H100 = "0000:41:00.0";
export const RTX = "0000:c4:00.0";
const WORKSTATION = "0000:c8:00.0";
const types = {
  "DC-1-2Q": 1546,
  "DC-1-3Q": 1549,
  "DC-1-3A": 1550,
  "DC-1-6Q": 1553,
  "DC-2-24Q": 1570,
  "H100-1-10C": 821,
};

const instanceOf = async (lab: LabHost, vf: string): Promise<string> =>
  (await lab.run(`cat ${pci(vf)}/nvidia/gpu_instance_id`)).trim();

/** Gives VFs to an action, and frees them and all GPU instances after it. */
const onVfs =
  (gpu: string, check: (lab: LabHost, vfs: string[]) => Promise<void>) =>
  async (lab: LabHost): Promise<void> => {
    const vfs = (await virtualFunctions(lab, gpu)).slice(0, 8);
    await check(lab, vfs);
    for (const vf of vfs) await setType(lab, vf, 0);
    await clearInstances(lab, gpu);
  };

/** MIG with type files, on an H100 and an RTX PRO 6000 with MIG mode and VFs on. Neither has instances when a check starts and when it ends. */
export const migVendor: Behaviour[] = [
  {
    id: "B73",
    title:
      "without GPU instances, and for a time-sliced type, a type write fails with EIO and 0x38; without the right instance with 0x40",
    check: onVfs(RTX, async (lab, [vf]) => {
      const refused = async (id: number) => {
        const log = await kernelLogDuring(lab, async () =>
          expect(await setType(lab, vf!, id)).toBe("Input/output error"),
        );
        return /Failed to add vgpu create request: (\w+)/.exec(log)?.[1];
      };
      expect(await refused(types["DC-1-6Q"])).toBe("0x38");
      await lab.run(`nvidia-smi mig -i ${RTX} -cgi 47`);
      expect(await refused(1508), "a time-sliced type").toBe("0x38");
      expect(await refused(types["DC-2-24Q"])).toBe("0x40");
      expect(await lab.run(`cat ${pci(vf!)}/nvidia/current_vgpu_type`)).toBe("0\n");
    }),
  },
  {
    id: "B87",
    title: "the GPU instance profile of a time-sliced type is N/A, of a MIG-backed one a number that can be 0",
    async check(lab) {
      const list = await lab.run(`nvidia-smi vgpu -i ${H100} -s -v`);
      const profile = (name: string) =>
        new RegExp(`Name\\s+: NVIDIA ${name}\\n\\s+GPU Instance Profile ID\\s+: (\\S+)\\n`).exec(list)?.[1];
      expect([profile("H100-80C"), profile("H100-7-80C"), profile("H100-1-10CME")]).toEqual(["N/A", "0", "20"]);
    },
  },
  {
    id: "B88",
    title: "nvidia-smi vgpu -s -v prints type ids in hexadecimal, the VFs in decimal",
    check: onVfs(H100, async (lab, [vf]) => {
      expect(await lab.run(`nvidia-smi vgpu -i ${H100} -s -v`)).toMatch(
        /vGPU Type ID\s+: 0x335\n\s+Name\s+: NVIDIA H100-1-10C\n/,
      );
      await lab.run(`nvidia-smi mig -i ${H100} -cgi 19`);
      expect(await creatableTypes(lab, vf!)).toEqual([[types["H100-1-10C"], "NVIDIA H100-1-10C"]]);
    }),
  },
  {
    id: "B117",
    title: "a workstation card that is not in display-less mode has no MIG mode",
    async check(lab) {
      expect(await migMode(lab, WORKSTATION)).toBe("[N/A], [N/A]");
      expect(await lab.run(`nvidia-smi -i ${WORKSTATION} -mig 1`)).toContain(
        "Unable to enable MIG Mode for GPU 00000000:C8:00.0: Not Supported\nTreating as warning and moving on.\n",
      );
    },
  },
  {
    id: "B119",
    title: "the instance is taken when the vGPU is created, and given back when it is removed",
    check: onVfs(H100, async (lab, [vf, other]) => {
      await lab.run(`nvidia-smi mig -i ${H100} -cgi 19`);
      await setType(lab, vf!, types["H100-1-10C"]);
      expect(await creatableTypes(lab, other!)).toEqual([]);
      expect((await smi(lab, `mig -i ${H100} -dgi`)).code).toBe(19);
      await setType(lab, vf!, 0);
      expect(await creatableTypes(lab, other!)).toHaveLength(1);
    }),
  },
  {
    id: "B120",
    title: "a vGPU of an H100 takes a whole instance, and those of an RTX PRO 6000 share one; -s -v has how many",
    async check(lab) {
      const per = async (gpu: string, name: string) =>
        new RegExp(`Name\\s+: NVIDIA .*${name}\\n(.*\\n)*?.*Max Instances Per GI\\s+: (\\S+)\\n`).exec(
          await lab.run(`nvidia-smi vgpu -i ${gpu} -s -v`),
        )?.[2];
      expect([await per(H100, "H100-1-10C"), await per(H100, "H100-80C"), await per(RTX, "DC-1-3Q")]).toEqual([
        "1",
        "N/A",
        "8",
      ]);
      await onVfs(H100, async (_, [vf, other]) => {
        await lab.run(`nvidia-smi mig -i ${H100} -cgi 19`);
        await setType(lab, vf!, types["H100-1-10C"]);
        expect(await setType(lab, other!, types["H100-1-10C"])).toBe("Input/output error");
      })(lab);
      await onVfs(RTX, async (_, vfs) => {
        await lab.run(`nvidia-smi mig -i ${RTX} -cgi 47`);
        for (const vf of vfs) expect(await setType(lab, vf, types["DC-1-3Q"])).toBe("");
        expect(new Set(await Promise.all(vfs.map((vf) => instanceOf(lab, vf))))).toEqual(new Set(["3"]));
        const next = (await virtualFunctions(lab, RTX))[9]!;
        expect(await setType(lab, next, types["DC-1-3Q"]), "the ninth of 3 GiB").toBe("Input/output error");
      })(lab);
    },
  },
  {
    id: "B121",
    title:
      "a VF lists the union over the instances: all types of an empty one, the same size of a used one, none without instances",
    check: onVfs(RTX, async (lab, [vf, other]) => {
      expect(await lab.run(`cat ${pci(vf!)}/nvidia/creatable_vgpu_types`)).toBe("ID    : vGPU Name\n");
      await lab.run(`nvidia-smi mig -i ${RTX} -cgi 47,35`);
      const sizes = async () =>
        new Set((await creatableTypes(lab, other!)).map(([, name]) => /DC-(\d+-\d+)/.exec(name)![1]));
      expect(await sizes()).toEqual(
        new Set(["1-2", "1-3", "1-4", "1-6", "1-8", "1-12", "1-24", "2-12", "2-16", "2-24", "2-48"]),
      );
      await setType(lab, vf!, types["DC-1-3Q"]);
      expect(await sizes()).toEqual(new Set(["1-3", "2-12", "2-16", "2-24", "2-48"]));
    }),
  },
  {
    id: "B123",
    title: "types of one size mix on an instance, and another size is refused",
    check: onVfs(RTX, async (lab, [first, second, third]) => {
      await lab.run(`nvidia-smi mig -i ${RTX} -cgi 47`);
      expect(await setType(lab, first!, types["DC-1-3Q"])).toBe("");
      expect(await setType(lab, second!, types["DC-1-3A"])).toBe("");
      expect(await setType(lab, third!, types["DC-1-6Q"])).toBe("Input/output error");
    }),
  },
  {
    id: "B124",
    title: "gpu_instance_id and placement_id have no value without a vGPU; the placement counts inside the instance",
    check: onVfs(RTX, async (lab, [first, second]) => {
      await lab.run(`nvidia-smi mig -i ${RTX} -cgi 47:6`);
      const read = (vf: string, file: string) => lab.sh(`cat ${pci(vf)}/nvidia/${file}`);
      for (const file of ["gpu_instance_id", "placement_id"])
        expect((await read(first!, file)).stderr).toContain("No such device or address");
      for (const vf of [first!, second!]) await setType(lab, vf, types["DC-1-6Q"]);
      expect((await read(second!, "gpu_instance_id")).stdout).toBe("5\n");
      expect((await read(second!, "placement_id")).stdout).toBe("6\n");
    }),
  },
  {
    id: "B154",
    title: "on a card with MIG on, -shm is not supported, and the mode reads N/A",
    async check(lab) {
      expect((await smi(lab, `vgpu -i ${H100} -shm 1`)).stdout).toMatch(/Not Supported/);
      const report = await lab.run(`nvidia-smi -q -i ${H100}`);
      expect(report).toMatch(/vGPU Heterogeneous Mode\s+: N\/A\n/);
      expect(report).toMatch(/Heterogeneous Time-Slice Sizes\s+: Not Supported\n/);
    },
  },
  {
    id: "B135",
    title: "an H100 changes its mode without a reset, or refuses while a client has it open; a reboot loses it",
    async check(lab) {
      for (const gpu of [H100, RTX]) await disableVfs(lab, gpu);
      await lab.run(`nvidia-smi -i ${H100} -mig 0`);
      await whileOpen(lab, H100, async () => {
        expect((await smi(lab, `-i ${H100} -mig 1`)).stdout).toContain("In use by another client");
        expect(await migMode(lab, H100)).toBe("Disabled, Disabled");
      });
      await lab.run(`nvidia-smi -i ${H100} -mig 1`);
      expect(await migMode(lab, H100)).toBe("Enabled, Enabled");
      await lab.reboot();
      expect([await migMode(lab, H100), await migMode(lab, RTX)]).toEqual(["Disabled, Disabled", "Disabled, Disabled"]);
      expect(await gpuInstances(lab, RTX)).toEqual({});
      for (const gpu of [H100, RTX]) {
        await lab.run(`nvidia-smi -i ${gpu} -mig 1`);
        await enableVfs(lab, gpu);
      }
    },
  },
];
