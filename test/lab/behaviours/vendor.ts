import { expect } from "vitest";
import type { Behaviour } from "./behaviour";
import {
  creatableTypes,
  currentType,
  disableVfs,
  enableVfs,
  endVm,
  kernelLogDuring,
  pci,
  setType,
  startVm,
  virtualFunctions,
  withKnob,
} from "./devices";

export const L40S = "0000:3d:00.0";
const L40S_4Q = 1150;
const L40S_8Q = 1152;
const L40S_24Q = 1155;

/** vGPUs by type files. VFs of the L40S are enabled and free when a check starts and when it ends. */
export const vendor: Behaviour[] = [
  {
    id: "B67",
    title: "VFs have nvidia/current_vgpu_type, and the host has no mdev bus",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      expect(await lab.run(`ls ${pci(vf!)}/nvidia`)).toMatch(/creatable_vgpu_types\ncurrent_vgpu_type\n/);
      expect((await lab.sh("ls -d /sys/bus/mdev")).code).not.toBe(0);
      expect((await lab.sh(`ls -d ${pci(vf!)}/mdev_supported_types`)).code).not.toBe(0);
    },
  },
  {
    id: "B68",
    title: "a free VF reads 0 and lists a header and rows of id and name",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      expect(await lab.run(`cat ${pci(vf!)}/nvidia/current_vgpu_type`)).toBe("0\n");
      const lines = (await lab.run(`cat ${pci(vf!)}/nvidia/creatable_vgpu_types`)).split("\n");
      expect(lines.slice(0, 3)).toEqual(["ID    : vGPU Name", "1145  : NVIDIA L40S-1B", "1146  : NVIDIA L40S-2B"]);
    },
  },
  {
    id: "B69",
    title: "a written type reads back, and the VF's own list is then empty",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      expect(await setType(lab, vf!, L40S_4Q)).toBe("");
      expect(await currentType(lab, vf!)).toBe(L40S_4Q);
      expect(await creatableTypes(lab, vf!)).toEqual([]);
      await setType(lab, vf!, 0);
    },
  },
  {
    id: "B70",
    title: "other VFs list only the same framebuffer size, and VFs of a full card list nothing",
    async check(lab) {
      const vfs = await virtualFunctions(lab, L40S);
      await setType(lab, vfs[0]!, L40S_24Q);
      const sizes = (await creatableTypes(lab, vfs[5]!)).map(([, name]) => /-(\d+)[A-Z]$/.exec(name)![1]);
      expect(new Set(sizes)).toEqual(new Set(["24"]));
      await setType(lab, vfs[1]!, L40S_24Q);
      expect(await creatableTypes(lab, vfs[5]!)).toEqual([]);
      for (const vf of vfs.slice(0, 2)) await setType(lab, vf, 0);
      expect(await creatableTypes(lab, vfs[5]!)).toHaveLength(23);
    },
  },
  {
    id: "B71",
    title: "writing an invalid or not creatable id fails with EIO, and the type stays 0",
    async check(lab) {
      const vfs = await virtualFunctions(lab, L40S);
      expect(await setType(lab, vfs[0]!, 99999)).toBe("Input/output error");
      await setType(lab, vfs[1]!, L40S_24Q);
      expect(await setType(lab, vfs[0]!, L40S_4Q)).toBe("Input/output error");
      expect(await currentType(lab, vfs[0]!)).toBe(0);
      await setType(lab, vfs[1]!, 0);
    },
  },
  {
    id: "B72",
    title: "another type is refused until 0 is written, and then the VF lists all types again",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      await setType(lab, vf!, L40S_4Q);
      expect(await setType(lab, vf!, L40S_8Q)).toBe("Input/output error");
      expect(await currentType(lab, vf!)).toBe(L40S_4Q);
      await setType(lab, vf!, 0);
      expect((await creatableTypes(lab, vf!)).map(([id]) => id)).toContain(L40S_8Q);
      expect(await setType(lab, vf!, L40S_8Q)).toBe("");
      await setType(lab, vf!, 0);
    },
  },
  {
    id: "B74",
    title: "a GPU that is not initialised yet refuses a type with a line in the kernel log, and accepts it later",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      await withKnob(lab, "lab_gpu_uninitialised", "1", async () => {
        const log = await kernelLogDuring(lab, async () =>
          expect(await setType(lab, vf!, L40S_4Q)).toBe("Input/output error"),
        );
        expect(log).toContain("GPU is not initialized yet");
        expect(await setType(lab, vf!, L40S_4Q)).toBe("");
      });
      await setType(lab, vf!, 0);
    },
  },
  {
    id: "B75",
    title: "reading placement_id and gpu_instance_id fails with ENXIO while the VF has no vGPU",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      for (const file of ["placement_id", "gpu_instance_id"])
        expect((await lab.sh(`cat ${pci(vf!)}/nvidia/${file}`)).stderr).toMatch(/No such device or address/);
      await setType(lab, vf!, L40S_4Q);
      expect(await lab.run(`cat ${pci(vf!)}/nvidia/placement_id`)).toBe("0\n");
      await setType(lab, vf!, 0);
    },
  },
  {
    id: "B76",
    title: "rows of types begin with the id, and may be in any order",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      const ids = (await creatableTypes(lab, vf!)).map(([id]) => id);
      expect(ids[0]).toBe(1145);
      expect(ids.at(-1)).toBe(2164);
    },
  },
  {
    id: "B77",
    title: "a freed VF accepts another type at the same address",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      await setType(lab, vf!, L40S_4Q);
      await setType(lab, vf!, 0);
      await setType(lab, vf!, L40S_8Q);
      expect(await currentType(lab, vf!)).toBe(L40S_8Q);
      expect(await virtualFunctions(lab, L40S)).toContain(vf);
      await setType(lab, vf!, 0);
    },
  },
  {
    id: "B78",
    title: "a VF that was unbound and bound again accepts no type until an SR-IOV cycle",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      await lab.run(`cd /sys/bus/pci/drivers/nvidia && echo ${vf} > unbind && echo ${vf} > bind`);
      const log = await kernelLogDuring(lab, async () =>
        expect(await setType(lab, vf!, L40S_4Q)).toBe("Input/output error"),
      );
      expect(log).toContain("vfio_pci_core_device not found");
      await disableVfs(lab, L40S);
      await enableVfs(lab, L40S);
      expect(await setType(lab, vf!, L40S_4Q)).toBe("");
      await setType(lab, vf!, 0);
    },
  },
  {
    id: "B47",
    title: "disabling VFs waits for a VM that uses one, and removes its vGPU",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      await setType(lab, vf!, L40S_4Q);
      const vm = await startVm(lab, "vm-1", pci(vf!));
      await lab.run(`sh -c '/usr/lib/nvidia/sriov-manage -d ${L40S}; touch /run/disabled' >/dev/null 2>&1 &`);
      await lab.run("sleep 3");
      expect((await lab.sh("ls /run/disabled")).code).not.toBe(0);
      await endVm(lab, vm);
      await lab.run("for i in $(seq 300); do [ -e /run/disabled ] && break; sleep 0.1; done; rm /run/disabled");
      expect(await virtualFunctions(lab, L40S)).toEqual([]);
      await enableVfs(lab, L40S);
      expect(await currentType(lab, vf!)).toBe(0);
    },
  },
  {
    id: "B80",
    title: "after a reboot there is no VF, and enabled VFs have type 0",
    async check(lab) {
      const [vf] = await virtualFunctions(lab, L40S);
      await setType(lab, vf!, L40S_4Q);
      await lab.reboot();
      expect(await virtualFunctions(lab, L40S)).toEqual([]);
      await enableVfs(lab, L40S);
      const types = await lab.run(`cat ${pci(L40S)}/virtfn*/nvidia/current_vgpu_type | sort | uniq -c`);
      expect(types.trim()).toBe("32 0");
    },
  },
  {
    id: "B81",
    title: "a restore that stops halfway leaves some VFs with a type and some without",
    async check(lab) {
      const wanted = (await virtualFunctions(lab, L40S)).slice(0, 4);
      await withKnob(lab, "lab_type_write_eio", "0", async () => {
        for (const vf of wanted.slice(0, 2)) await setType(lab, vf, L40S_4Q);
        await lab.run("echo 2 > /sys/module/nvidia_vgpu_vfio/parameters/lab_type_write_eio");
        for (const vf of wanted.slice(2)) expect(await setType(lab, vf, L40S_4Q)).toBe("Input/output error");
      });
      const types = await Promise.all(wanted.map((vf) => currentType(lab, vf)));
      expect(types).toEqual([L40S_4Q, L40S_4Q, 0, 0]);
      for (const vf of wanted) await setType(lab, vf, 0);
    },
  },
];
