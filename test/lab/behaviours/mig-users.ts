import { expect } from "vitest";
import { whileVmHolds } from "..";
import type { Behaviour } from "./behaviour";
import {
  availableInstances,
  createMdev,
  disableVfs,
  enableVfs,
  removeMdev,
  smi,
  uuid,
  virtualFunctions,
} from "./devices";
import { cleared, create } from "./mig-instances";
import { A30, A100 } from "./mig-mode";

const mdev = `/sys/bus/mdev/devices/${uuid(1)}`;
const computeInstances = async (lab: Parameters<typeof smi>[0]) => (await smi(lab, `mig -i ${A100} -lci`)).stdout;

/** Creates an instance with a compute instance and a vGPU on it, and acts while a VM has the vGPU. */
const whileVmRuns = (check: Behaviour["check"]) =>
  cleared(async (lab) => {
    await create(lab, "14", "-C");
    const [vf] = await virtualFunctions(lab, A100);
    await createMdev(lab, vf!, "A100-2-10C", uuid(1));
    await whileVmHolds(lab, mdev, () => check(lab));
    expect(await computeInstances(lab)).toMatch(/^\|\s+2\s+5\s+MIG 2g\.10gb /m);
    await removeMdev(lab, uuid(1));
  });

/** What VMs, daemons and other programs find on a host with MIG. MIG mode of the A100 is on and its VFs are enabled, the A30 has neither. */
export const migUsers: Behaviour[] = [
  {
    id: "B113",
    title: "nvidia-smi -L makes the nodes of new instances below /dev/nvidia-caps",
    check: cleared(async (lab) => {
      await create(lab, "14", "-C");
      const access = "/proc/driver/nvidia/capabilities/gpu2/mig/gi5";
      expect(await lab.run(`cat ${access}/access ${access}/ci0/access`)).toMatch(
        /^DeviceFileMinor: 318\n(.*\n)*DeviceFileMinor: 319\n/,
      );
      await lab.run("rm -rf /dev/nvidia-caps; nvidia-smi -L");
      expect(await lab.run("cd /dev/nvidia-caps && ls")).toBe(
        "nvidia-cap1\nnvidia-cap2\nnvidia-cap318\nnvidia-cap319\n",
      );
    }),
  },
  {
    id: "B114",
    title: "a VF has the PCI class of a GPU, so who counts PCI functions as GPUs counts it, too",
    async check(lab) {
      const functions = async () => Number(await lab.run("lspci -d 10de::0302 | wc -l"));
      const before = await functions();
      await enableVfs(lab, A30);
      expect((await functions()) - before).toBe(8);
      expect((await lab.run("nvidia-smi -L")).match(/^GPU /gm)).toHaveLength(3);
      await disableVfs(lab, A30);
    },
  },
  {
    id: "B125",
    title: "while a VM runs on an instance, the host's compute instance is put aside, and comes back after it",
    check: whileVmRuns(async (lab) => {
      expect(await computeInstances(lab)).toBe("No compute instances found: Not Found\n");
    }),
  },
  {
    id: "B127",
    title: "no compute instance can be created on an instance that a VM uses",
    check: whileVmRuns(async (lab) => {
      expect(await smi(lab, `mig -i ${A100} -gi 5 -cci`)).toEqual({
        code: 19,
        stdout:
          "Unable to create a compute instance on GPU  2 GPU instance ID  5: In use by another client\nFailed to create compute instances: In use by another client\n",
      });
    }),
  },
  {
    id: "B146",
    title: "after a change of MIG mode and of instances, vGPU types are there without a restart of the daemons",
    async check(lab) {
      const daemons = () =>
        lab.run("systemctl show -P InvocationID -P ExecMainStartTimestamp nvidia-vgpud nvidia-vgpu-mgr");
      const before = await daemons();
      await lab.run(`nvidia-smi -i ${A30} -mig 1`);
      await enableVfs(lab, A30);
      await lab.run(`nvidia-smi mig -i ${A30} -cgi 14 -C`);
      const [vf] = await virtualFunctions(lab, A30);
      expect((await availableInstances(lab, vf!))["A30-1-6C"]).toBe(1);
      expect(await daemons()).toBe(before);
      await disableVfs(lab, A30);
      await lab.run(`nvidia-smi -i ${A30} -mig 0`);
    },
  },
];
