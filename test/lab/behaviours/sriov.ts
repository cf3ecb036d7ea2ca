import { expect } from "vitest";
import type { Behaviour } from "./behaviour";
import {
  createMdev,
  disableVfs,
  enableVfs,
  endVm,
  pci,
  removeMdev,
  startVm,
  uuid,
  virtualFunctions,
  withKnob,
  write,
} from "./devices";
import { A40, T4 } from "./mdev";

export const A10 = "0001:c8:00.0";
const A5000 = "0000:c4:00.0";
const manage = "/usr/lib/nvidia/sriov-manage";
const numVfs = `${pci(A40)}/sriov_numvfs`;
const driverOf = (bdf: string): string => `basename $(readlink ${pci(bdf)}/driver) 2>/dev/null || echo none`;

/** VFs on Ampere cards. All VFs are off when a check starts and when it ends. */
export const sriov: Behaviour[] = [
  {
    id: "B31",
    title:
      "a raw write to sriov_numvfs fails: EINVAL for text, ERANGE for too many, else ENOENT; the current number does nothing",
    async check(lab) {
      expect(await write(lab, "many", numVfs)).toBe("Invalid argument");
      expect(await write(lab, "33", numVfs)).toBe("Numerical result out of range");
      expect(await write(lab, "0", numVfs)).toBe("");
      expect(await write(lab, "4", numVfs)).toBe("No such file or directory");
      expect(await lab.run(`cat ${numVfs}`)).toBe("0\n");
    },
  },
  {
    id: "B32",
    title: "sriov-manage -e enables all VFs, with links, driver nvidia and subsystem device 0000",
    async check(lab) {
      expect(await enableVfs(lab, A40)).toContain(`Enabling VFs on ${A40}`);
      const vfs = await virtualFunctions(lab, A40);
      expect(vfs).toHaveLength(32);
      expect(await lab.run(`cat ${numVfs}`)).toBe("32\n");
      const drivers = await lab.run(
        `for v in ${pci(A40)}/virtfn*; do basename $(readlink $v/driver); done | sort | uniq -c`,
      );
      expect(drivers.trim()).toBe("32 nvidia");
      expect(await lab.run(`cat ${pci(vfs[0]!)}/subsystem_device`)).toBe("0x0000\n");
      await disableVfs(lab, A40);
      expect(await lab.run(`cat ${numVfs}`)).toBe("0\n");
    },
  },
  {
    id: "B33",
    title: "a second sriov-manage -e reports that VFs are enabled already, exits with 0 and changes nothing",
    async check(lab) {
      await enableVfs(lab, A40);
      const [vf] = await virtualFunctions(lab, A40);
      await createMdev(lab, vf!, "A40-4Q", uuid(1));
      const again = await lab.sh(`${manage} -e ${A40}`);
      expect(again.code).toBe(0);
      expect(again.stdout + again.stderr).toContain("already has VFs enabled");
      expect(await lab.run("ls /sys/bus/mdev/devices")).toBe(`${uuid(1)}\n`);
      await disableVfs(lab, A40);
    },
  },
  {
    id: "B34",
    title: "sriov-manage gets no unbindLock while an NVML client has the GPU open",
    async check(lab) {
      await lab.run(`(nvidia-smi --loop=600 -i ${A40} >/dev/null 2>&1 & echo $! > /run/smi.pid); sleep 1`);
      const held = await lab.sh(`${manage} -e ${A40}`);
      expect(held.stdout + held.stderr).toContain(`Cannot obtain unbindLock for ${A40}`);
      expect(await virtualFunctions(lab, A40)).toEqual([]);
      await lab.run("kill $(cat /run/smi.pid); sleep 0.5");
      await enableVfs(lab, A40);
      expect(await virtualFunctions(lab, A40)).toHaveLength(32);
      await disableVfs(lab, A40);
    },
  },
  {
    id: "B35",
    title: "sriov-manage can exit with 0 without creating a VF",
    async check(lab) {
      await lab.run("mkdir -p /run/nvidia-standin/faults && touch /run/nvidia-standin/faults/sriov-manage-silent");
      expect((await lab.sh(`${manage} -e ${A40}`)).code).toBe(0);
      expect(await lab.run(`cat ${numVfs}`)).toBe("0\n");
      await lab.run("rm /run/nvidia-standin/faults/sriov-manage-silent");
    },
  },
  {
    id: "B36",
    title: "a killed sriov-manage leaves the PF without a driver; -e works again after the PF was bound by hand",
    async check(lab) {
      await lab.run("mkdir -p /run/nvidia-standin/faults && touch /run/nvidia-standin/faults/sriov-manage-die-midway");
      await lab.sh(`${manage} -e ${A40}`);
      await lab.run("rm -f /run/nvidia-standin/faults/sriov-manage-die-midway");
      expect(await lab.run(driverOf(A40))).toBe("none\n");
      await lab.sh(`${manage} -e ${A40}`);
      expect(await virtualFunctions(lab, A40)).toEqual([]);
      await lab.run(`echo ${A40} > /sys/bus/pci/drivers/nvidia/bind`);
      await enableVfs(lab, A40);
      expect(await virtualFunctions(lab, A40)).toHaveLength(32);
      await disableVfs(lab, A40);
    },
  },
  {
    id: "B38",
    title: "sriov-manage -d removes mdevs and their links",
    async check(lab) {
      await enableVfs(lab, A40);
      const [vf] = await virtualFunctions(lab, A40);
      await createMdev(lab, vf!, "A40-4Q", uuid(1));
      await disableVfs(lab, A40);
      expect(await lab.run("ls /sys/bus/mdev/devices")).toBe("");
    },
  },
  {
    id: "B39",
    title: "sriov-manage -d and -e reset mixed-size mode to disabled",
    async check(lab) {
      const mode = async () => /vGPU Heterogeneous Mode\s*: (\w+)/.exec(await lab.run(`nvidia-smi -q -i ${A40}`))?.[1];
      await enableVfs(lab, A40);
      await lab.run(`nvidia-smi vgpu -i ${A40} -shm 1`);
      expect(await mode()).toBe("Enabled");
      await disableVfs(lab, A40);
      await enableVfs(lab, A40);
      expect(await mode()).toBe("Disabled");
      await disableVfs(lab, A40);
    },
  },
  {
    id: "B21",
    title: "VFs that were enabled after nvidia-vgpud ran can lack types until it runs again",
    async check(lab) {
      await withKnob(lab, "lab_types_need_vgpud", "1", async () => {
        await enableVfs(lab, A40);
        const [vf] = await virtualFunctions(lab, A40);
        expect((await lab.sh(`ls -d ${pci(vf!)}/mdev_supported_types`)).code).not.toBe(0);
        await lab.run(
          `nvidia-vgpud; for i in $(seq 50); do [ -d /sys/class/mdev_bus/${vf} ] && break; sleep 0.1; done`,
        );
        expect(await lab.run(`ls ${pci(vf!)}/mdev_supported_types`)).toContain("nvidia-560");
      });
      await disableVfs(lab, A40);
    },
  },
  {
    id: "B40",
    title: "VFs that were enabled before the daemons ran have no types until a reboot",
    async check(lab) {
      await lab.run("systemctl stop nvidia-vgpu-mgr");
      await enableVfs(lab, A40);
      await lab.run("systemctl start nvidia-vgpu-mgr && systemctl start nvidia-vgpud; sleep 1");
      const [vf] = await virtualFunctions(lab, A40);
      expect((await lab.sh(`ls -d ${pci(vf!)}/mdev_supported_types`)).code).not.toBe(0);
      await lab.reboot();
      await enableVfs(lab, A40);
      expect(await lab.run(`ls ${pci(vf!)}/mdev_supported_types`)).toContain("nvidia-560");
      await disableVfs(lab, A40);
    },
  },
  {
    id: "B41",
    title:
      "sriov-manage creates no VF without the pci-pf-stub module, which also binds the VFs if it is bound by new_id",
    async check(lab) {
      await lab.run("modprobe -r pci-pf-stub; mv $(modinfo -n pci-pf-stub) /root/pci-pf-stub.ko && depmod");
      await lab.sh(`${manage} -e ${A40}`);
      expect(await virtualFunctions(lab, A40)).toEqual([]);
      await lab.run(
        "mv /root/pci-pf-stub.ko /lib/modules/$(uname -r)/kernel/drivers/pci/ && depmod && modprobe pci-pf-stub",
      );
      await lab.run(`[ -d ${pci(A40)}/driver ] || echo ${A40} > /sys/bus/pci/drivers/nvidia/bind`);
      await lab.run(
        `cd /sys/bus/pci/drivers && echo ${A40} > nvidia/unbind && echo 10de 2235 > pci-pf-stub/new_id && echo 32 > ${numVfs}`,
      );
      const [vf] = await virtualFunctions(lab, A40);
      expect(await lab.run(driverOf(vf!))).toBe("pci-pf-stub\n");
      await lab.run(
        `cd /sys/bus/pci/drivers && echo 0 > ${numVfs} && echo ${A40} > pci-pf-stub/unbind && echo 10de 2235 > pci-pf-stub/remove_id && echo ${A40} > nvidia/bind`,
      );
    },
  },
  {
    id: "B42",
    title:
      "virtfn links are listed in lexical order, and VF n is at offset + n x stride, also on a domain other than 0",
    async check(lab) {
      await enableVfs(lab, A10);
      const names = (await lab.run(`ls ${pci(A10)} | grep virtfn | head -4`)).trim().split("\n");
      expect(names).toEqual(["virtfn0", "virtfn1", "virtfn10", "virtfn11"]);
      const vfs = await virtualFunctions(lab, A10);
      expect([vfs[0], vfs[4], vfs[31]]).toEqual(["0001:c8:00.4", "0001:c8:01.0", "0001:c8:04.3"]);
      expect(await lab.run(`cat ${pci(A10)}/sriov_offset ${pci(A10)}/sriov_stride`)).toBe("4\n1\n");
      await disableVfs(lab, A10);
    },
  },
  {
    id: "B43",
    title: "a T4 has an SR-IOV capability, but its vGPUs are created on the GPU itself",
    async check(lab) {
      expect(await lab.run(`cat ${pci(T4)}/sriov_totalvfs`)).toBe("16\n");
      expect(await lab.run(`nvidia-smi -q -i ${T4}`)).toMatch(/Host VGPU Mode\s*: Non SR-IOV/);
      expect(await lab.run(`ls ${pci(T4)}/mdev_supported_types`)).toContain("nvidia-230");
    },
  },
  {
    id: "B44",
    title: "a workstation card that is not in display-less mode has no VFs",
    async check(lab) {
      expect(await lab.run(`lspci -s ${A5000}`)).toContain("VGA compatible controller");
      expect((await lab.sh(`cat ${pci(A5000)}/sriov_totalvfs`)).code).not.toBe(0);
      await lab.sh(`${manage} -e ${A5000}`);
      expect(await virtualFunctions(lab, A5000)).toEqual([]);
    },
  },
  {
    id: "B45",
    title: "sriov-manage -e ALL enables the cards one after the other, which takes as long as all together",
    async check(lab) {
      const seconds = await withKnob(lab, "lab_vf_delay_ms", "100", async () => {
        const start = Number(await lab.run("cut -d. -f1 /proc/uptime"));
        await lab.run(`${manage} -e ALL`);
        return Number(await lab.run("cut -d. -f1 /proc/uptime")) - start;
      });
      expect(seconds).toBeGreaterThanOrEqual(6); // 2 cards with 32 VFs each, 0.1 s a VF
      expect(await virtualFunctions(lab, A10)).toHaveLength(32);
      await lab.run(`${manage} -d ALL`);
      expect(await virtualFunctions(lab, A40)).toEqual([]);
    },
  },
  {
    id: "B46",
    title: "sriov_numvfs does not depend on the number of vGPUs",
    async check(lab) {
      await enableVfs(lab, A40);
      expect(await lab.run(`cat ${numVfs}; ls /sys/bus/mdev/devices | wc -l`)).toBe("32\n0\n");
      const [vf] = await virtualFunctions(lab, A40);
      await createMdev(lab, vf!, "A40-4Q", uuid(1));
      expect(await lab.run(`cat ${numVfs}; ls /sys/bus/mdev/devices | wc -l`)).toBe("32\n1\n");
      await disableVfs(lab, A40);
    },
  },
  {
    id: "B49",
    title: "a GPU with VFs off is not in /sys/class/mdev_bus, and its framework is unknown",
    async check(lab) {
      expect(await lab.run("ls /sys/class/mdev_bus")).toBe(`${T4}\n`);
      expect((await lab.sh(`ls -d ${pci(A40)}/mdev_supported_types ${pci(A40)}/nvidia`)).code).not.toBe(0);
    },
  },
  {
    id: "B98",
    title: "the user of a vGPU is visible in open VFIO handles, in command lines and in defined libvirt domains",
    async check(lab) {
      await createMdev(lab, T4, "T4-4Q", uuid(1));
      const group = (await lab.run(`basename $(readlink /sys/bus/mdev/devices/${uuid(1)}/iommu_group)`)).trim();
      const vm = await startVm(lab, "cad-01", `/sys/bus/mdev/devices/${uuid(1)}`);
      expect(await lab.run(`readlink /proc/${vm}/fd/* | grep -x /dev/vfio/${group}`)).toBe(`/dev/vfio/${group}\n`);
      expect(await lab.run(`tr '\\0' ' ' < /proc/${vm}/cmdline`)).toContain(uuid(1));
      expect(await lab.run(`cat /proc/${vm}/comm`)).toBe("qemu-system-x86\n");
      await endVm(lab, vm);
      const domain = `<domain type='qemu'><name>cad-02</name><memory unit='MiB'>64</memory><os><type arch='x86_64'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64</emulator><hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'><source><address uuid='${uuid(1)}'/></source></hostdev></devices></domain>`;
      await lab.run(`cat > /run/cad-02.xml <<'XML'\n${domain}\nXML\nvirsh define /run/cad-02.xml`);
      expect(await lab.run("virsh list --all --name")).toContain("cad-02");
      expect(await lab.run("virsh dumpxml cad-02")).toContain(uuid(1));
      await removeMdev(lab, uuid(1));
    },
  },
  {
    id: "B66",
    title: "a VM with a missing mdev does not start: mediated device not found",
    async check(lab) {
      const start = await lab.sh("virsh start cad-02");
      expect(start.code).not.toBe(0);
      expect(start.stderr).toContain(`device not found: mediated device '${uuid(1)}' not found`);
      await lab.run("virsh undefine cad-02");
    },
  },
  {
    id: "B99",
    title: "the driver does not unload while VFs are on or clients run, and unloads in the right order",
    async check(lab) {
      await enableVfs(lab, A40);
      expect((await lab.sh("rmmod nvidia_vgpu_vfio")).stderr).toContain("in use");
      await lab.run("systemctl stop nvidia-vgpu-mgr");
      await lab.sh("rmmod nvidia_vgpu_vfio");
      expect((await lab.sh("rmmod nvidia")).stderr).toContain("in use");
      await lab.run(`modprobe nvidia-vgpu-vfio; ${manage} -d ALL`);
      await lab.run("rmmod nvidia_vgpu_vfio && rmmod nvidia");
      await lab.run("modprobe nvidia-vgpu-vfio && systemctl start nvidia-vgpu-mgr nvidia-vgpud");
    },
  },
  {
    id: "B48",
    title: "a reboot removes VFs and vGPUs",
    async check(lab) {
      await enableVfs(lab, A40);
      await createMdev(lab, T4, "T4-4Q", uuid(1));
      await lab.reboot();
      expect(await lab.run(`cat ${numVfs}; ls /sys/bus/mdev/devices | wc -l`)).toBe("0\n0\n");
    },
  },
  {
    id: "B97",
    title: "a write to the GPU's reset file loses the GPU",
    async check(lab) {
      await lab.run(`echo 1 > ${pci(A40)}/reset`);
      const smi = await lab.sh("nvidia-smi");
      expect(smi.stdout + smi.stderr).toContain("Unable to determine the device handle for GPU");
      await lab.reset(); // in place of the reboot that a real host needs
    },
  },
];
