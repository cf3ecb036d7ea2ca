import { expect } from "vitest";
import type { Behaviour } from "./behaviour";
import {
  availableInstances,
  creatable,
  createMdev,
  disableVfs,
  enableVfs,
  endVm,
  kernelLogDuring,
  pci,
  removeMdev,
  startVm,
  typeDirectory,
  uuid,
  virtualFunctions,
  withKnob,
  write,
} from "./devices";

/** A GPU without SR-IOV, and one with vGPUs on VFs; the host of this section has both. */
export const T4 = "0000:3b:00.0";
export const A40 = "0000:41:00.0";

/** vGPUs by mdev. VFs of the A40 are enabled when a check starts and when it ends. */
export const mdev: Behaviour[] = [
  {
    id: "B50",
    title: "types are below each VF, or below the PF of a legacy GPU; a directory may be pci-<id> for a moment",
    async check(lab) {
      const vf = (await virtualFunctions(lab, A40)).at(-1);
      expect(await lab.run(`ls ${pci(vf!)}/mdev_supported_types | head -1`)).toMatch(/^nvidia-\d+\n$/);
      expect((await lab.sh(`ls -d ${pci(A40)}/mdev_supported_types`)).code).not.toBe(0);
      expect(await lab.run(`ls ${pci(T4)}/mdev_supported_types`)).toContain("nvidia-232\n");
      await disableVfs(lab, A40);
      await withKnob(lab, "lab_pci_type_names_ms", "10000", async () => {
        await enableVfs(lab, A40);
        expect(await lab.run(`ls ${pci(vf!)}/mdev_supported_types | head -1`)).toMatch(/^pci-\d+\n$/);
      });
      await lab.run(
        `for i in $(seq 200); do [ -d ${pci(vf!)}/mdev_supported_types/nvidia-560 ] && break; sleep 0.1; done`,
      );
      expect(await lab.run(`ls ${pci(vf!)}/mdev_supported_types | head -1`)).toMatch(/^nvidia-\d+\n$/);
    },
  },
  {
    id: "B51",
    title: "create fails with EINVAL for a malformed UUID, and with EEXIST for one that exists below any parent",
    async check(lab) {
      const [a] = await virtualFunctions(lab, A40);
      expect(await createMdev(lab, a!, "A40-4Q", "too-short")).toBe("Invalid argument");
      expect(await createMdev(lab, a!, "A40-4Q", "0000000g-0000-4000-8000-000000000001")).toBe("Invalid argument");
      expect(await createMdev(lab, T4, "T4-4Q", uuid(1))).toBe("");
      expect(await createMdev(lab, a!, "A40-4Q", uuid(1))).toBe("File exists");
      expect(await removeMdev(lab, uuid(1))).toBe("");
    },
  },
  {
    id: "B52",
    title: "create is refused for a type without available instances",
    async check(lab) {
      const [a, b] = await virtualFunctions(lab, A40);
      await createMdev(lab, a!, "A40-24Q", uuid(1));
      expect((await availableInstances(lab, b!))["A40-4Q"]).toBe(0);
      expect(await createMdev(lab, b!, "A40-4Q", uuid(2))).toMatch(/Input\/output error|Invalid argument/);
      expect((await lab.sh(`ls /sys/bus/mdev/devices/${uuid(2)}`)).code).not.toBe(0);
      await removeMdev(lab, uuid(1));
    },
  },
  {
    id: "B53",
    title: "an occupied VF shows 0 for all types",
    async check(lab) {
      const [a] = await virtualFunctions(lab, A40);
      await createMdev(lab, a!, "A40-4Q", uuid(1));
      expect(await creatable(lab, a!)).toEqual([]);
      await removeMdev(lab, uuid(1));
    },
  },
  {
    id: "B54",
    title: "the first vGPU fixes the framebuffer size of its card: other VFs offer only that size, in every series",
    async check(lab) {
      const [a, b] = await virtualFunctions(lab, A40);
      await createMdev(lab, a!, "A40-4Q", uuid(1));
      try {
        expect((await creatable(lab, b!)).sort()).toEqual(["A40-4A", "A40-4C", "A40-4Q"]);
        await createMdev(lab, T4, "T4-4Q", uuid(2));
        const left = await availableInstances(lab, T4);
        expect([left["T4-4Q"], left["T4-4C"], left["T4-8Q"]]).toEqual([3, 3, 0]);
      } finally {
        for (const id of [1, 2]) await removeMdev(lab, uuid(id));
      }
    },
  },
  {
    id: "B55",
    title: "a full card offers no type on any VF, and offers all types again when its last vGPU is removed",
    async check(lab) {
      const vfs = await virtualFunctions(lab, A40);
      await createMdev(lab, vfs[0]!, "A40-24Q", uuid(1));
      await createMdev(lab, vfs[1]!, "A40-24C", uuid(2));
      expect(await creatable(lab, vfs[2]!)).toEqual([]);
      expect(await creatable(lab, vfs[31]!)).toEqual([]);
      for (const id of [1, 2]) await removeMdev(lab, uuid(id));
      expect(await creatable(lab, vfs[31]!)).toHaveLength(29);
    },
  },
  {
    id: "B57",
    title: "writing 1 to remove deletes the links and frees the instance; 0 does nothing, and text fails with EINVAL",
    async check(lab) {
      const [a] = await virtualFunctions(lab, A40);
      const type = await typeDirectory(lab, a!, "A40-4Q");
      await createMdev(lab, a!, "A40-4Q", uuid(1));
      const remove = `/sys/bus/mdev/devices/${uuid(1)}/remove`;
      expect(await lab.run(`ls ${type}/devices`)).toBe(`${uuid(1)}\n`);
      expect(await write(lab, "0", remove)).toBe("");
      expect(await write(lab, "yes", remove)).toBe("Invalid argument");
      expect(await lab.run("ls /sys/bus/mdev/devices")).toBe(`${uuid(1)}\n`);
      expect(await write(lab, "1", remove)).toBe("");
      expect(await lab.run(`ls /sys/bus/mdev/devices ${type}/devices | grep -c ${uuid(1)} || true`)).toBe("0\n");
      expect(await lab.run(`cat ${type}/available_instances`)).toBe("1\n");
    },
  },
  {
    id: "B58",
    title: "remove blocks while a VM has the device open, and continues when the VM closes it",
    async check(lab) {
      const [a] = await virtualFunctions(lab, A40);
      await createMdev(lab, a!, "A40-4Q", uuid(1));
      const vm = await startVm(lab, "vm-1", `/sys/bus/mdev/devices/${uuid(1)}`);
      await lab.run(`sh -c 'echo 1 > /sys/bus/mdev/devices/${uuid(1)}/remove; touch /run/removed' >/dev/null 2>&1 &`);
      await lab.run("sleep 1");
      expect((await lab.sh("ls /run/removed")).code).not.toBe(0);
      await endVm(lab, vm);
      await lab.run("for i in $(seq 100); do [ -e /run/removed ] && break; sleep 0.1; done; rm /run/removed");
      expect(await lab.run("ls /sys/bus/mdev/devices")).toBe("");
    },
  },
  {
    id: "B59",
    title: "a type describes itself as num_heads, frl_config, framebuffer, max_resolution, max_instance",
    async check(lab) {
      const [a] = await virtualFunctions(lab, A40);
      const type = await typeDirectory(lab, a!, "A40-4Q");
      expect(await lab.run(`cat ${type}/description`)).toBe(
        "num_heads=4, frl_config=60, framebuffer=4096M, max_resolution=7680x4320, max_instance=12\n",
      );
      expect(await lab.run(`cat ${type}/name ${type}/device_api`)).toBe("NVIDIA A40-4Q\nvfio-pci\n");
    },
  },
  {
    id: "B60",
    title: "a type name can be the beginning of another type name: T4-2B and T4-2B4",
    async check(lab) {
      const hits = await lab.run(`cd ${pci(T4)}/mdev_supported_types && grep -l T4-2B */name | sort`);
      expect(hits.split("\n").filter(Boolean)).toEqual(["nvidia-223/name", "nvidia-224/name"]);
      expect(await typeDirectory(lab, T4, "T4-2B")).toMatch(/nvidia-223$/);
    },
  },
  {
    id: "B30",
    title: "each mdev gets its own IOMMU group, which is removed with it",
    async check(lab) {
      const [a] = await virtualFunctions(lab, A40);
      const log = await kernelLogDuring(lab, () => createMdev(lab, a!, "A40-4Q", uuid(1)));
      const group = /Adding to iommu group (\d+)/.exec(log)?.[1];
      expect(await lab.run(`basename $(readlink /sys/bus/mdev/devices/${uuid(1)}/iommu_group)`)).toBe(`${group}\n`);
      await removeMdev(lab, uuid(1));
      expect((await lab.sh(`ls -d /sys/kernel/iommu_groups/${group}`)).code).not.toBe(0);
    },
  },
  {
    id: "B63",
    title: "mdevctl start of a running UUID fails because the device exists, also for another type",
    async check(lab) {
      const [a] = await virtualFunctions(lab, A40);
      const start = (type: string) => lab.sh(`mdevctl start -u ${uuid(1)} -p ${a} -t ${type}`);
      expect((await start("nvidia-560")).code).toBe(0);
      expect((await start("nvidia-560")).stderr).toMatch(/already exists/);
      const other = await start("nvidia-561");
      expect(other.code).not.toBe(0);
      expect(other.stderr).toMatch(/exists/);
      expect(await lab.run(`basename $(readlink -f /sys/bus/mdev/devices/${uuid(1)}/mdev_type)`)).toBe("nvidia-560\n");
      await lab.run(`mdevctl stop -u ${uuid(1)}`);
    },
  },
  {
    id: "B64",
    title: "a second mdevctl define is refused, and stop keeps the definition",
    async check(lab) {
      const [a] = await virtualFunctions(lab, A40);
      const define = `mdevctl define -u ${uuid(1)} -p ${a} -t nvidia-560`;
      await lab.run(define);
      expect((await lab.sh(define)).stderr).toMatch(/already defined/);
      await lab.run(`mdevctl start -u ${uuid(1)}`);
      await lab.run(`mdevctl stop -u ${uuid(1)}`);
      expect((await lab.run("mdevctl list")).trim()).toBe("");
      expect(await lab.run("mdevctl list -d")).toMatch(new RegExp(`^${uuid(1)} ${a} nvidia-560 manual`));
      await lab.run(`mdevctl undefine -u ${uuid(1)}`);
    },
  },
  {
    id: "B56",
    title:
      "MIG types have no instances with MIG off, time-sliced types none with MIG on, and without GPU instances no type has any",
    async check(lab) {
      const A100 = "0000:c4:00.0";
      await enableVfs(lab, A100);
      let [vf] = await virtualFunctions(lab, A100);
      let room = await availableInstances(lab, vf!);
      expect([room["A100-5C"], room["A100-1-5C"]]).toEqual([1, 0]);
      await disableVfs(lab, A100);
      await lab.run(`nvidia-smi -i ${A100} -mig 1`);
      await enableVfs(lab, A100);
      [vf] = await virtualFunctions(lab, A100);
      expect(await creatable(lab, vf!)).toEqual([]);
      await lab.run(`nvidia-smi mig -i ${A100} -cgi 14,19`);
      room = await availableInstances(lab, vf!);
      expect([room["A100-5C"], room["A100-1-5C"], room["A100-2-10C"], room["A100-3-20C"]]).toEqual([0, 1, 1, 0]);
      await disableVfs(lab, A100);
      await lab.run(`nvidia-smi -i ${A100} -mig 0`);
    },
  },
  {
    id: "B65",
    title: "mdevctl definitions with auto-start have no parents at boot, and start when the VFs are enabled",
    async check(lab) {
      const vf = (await virtualFunctions(lab, A40))[0]!;
      await lab.run(`mdevctl define -a -u ${uuid(1)} -p ${vf} -t nvidia-560`);
      // Debian 12's udev rule calls /usr/sbin/mdevctl, but its package has /usr/bin/mdevctl, so nothing starts without the link.
      await lab.run("ln -s /usr/bin/mdevctl /usr/sbin/mdevctl");
      await lab.reboot();
      expect((await lab.run("mdevctl list")).trim()).toBe("");
      await enableVfs(lab, A40);
      await lab.run('for i in $(seq 150); do [ -n "$(mdevctl list)" ] && break; sleep 0.2; done');
      expect(await lab.run("mdevctl list")).toMatch(new RegExp(`^${uuid(1)} ${vf} nvidia-560`));
      await lab.run(`mdevctl stop -u ${uuid(1)}; mdevctl undefine -u ${uuid(1)}; rm /usr/sbin/mdevctl`);
    },
  },
];
