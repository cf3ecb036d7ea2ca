import { expect } from "vitest";
import { mixedCards } from "../cards/sets";
import type { Behaviour } from "./behaviour";
import { enableVfs, pci } from "./devices";

const P10 = "0000:82:00.0";

/** What proves that a driver is installed and works. The host has `mixedCards`, among them an A10 on PCI domain 1 and the refused P10. */
export const verification: Behaviour[] = [
  {
    id: "B17",
    title: "lsmod shows nvidia_vgpu_vfio and mdev, and no vfio_mdev on this kernel",
    async check(lab) {
      const lines = (await lab.run("lsmod")).split("\n");
      expect(lines.find((line) => line.startsWith("nvidia_vgpu_vfio "))).toBeDefined();
      expect(lines.find((line) => line.startsWith("mdev "))).toMatch(/1 nvidia_vgpu_vfio$/);
      expect(lines.find((line) => line.startsWith("vfio_mdev"))).toBeUndefined();
    },
  },
  {
    id: "B18",
    title: "a healthy nvidia-vgpud is inactive (dead) with status 0, nvidia-vgpu-mgr is running",
    async check(lab) {
      await lab.run(`echo ${P10} > /sys/bus/pci/drivers/nvidia/unbind; systemctl restart nvidia-vgpud`);
      const vgpud = await lab.sh("systemctl status nvidia-vgpud");
      expect(vgpud.stdout).toMatch(/Active: inactive \(dead\)/);
      expect(vgpud.stdout).toMatch(/status=0\/SUCCESS/);
      expect((await lab.sh("systemctl is-active nvidia-vgpud")).stdout).toBe("inactive\n");
      expect(await lab.run("systemctl is-active nvidia-vgpu-mgr")).toBe("active\n");
      expect(await lab.run("journalctl -u nvidia-vgpu-mgr")).toContain(
        "notice: vmiop_env_log: nvidia-vgpu-mgr daemon started",
      );
      await lab.run(`echo ${P10} > /sys/bus/pci/drivers/nvidia/bind`);
    },
  },
  {
    id: "B19",
    title: "nvidia-vgpud fails with status 6 for a GPU that vGPU does not support, and the GPU has no types",
    async check(lab) {
      await lab.sh("systemctl restart nvidia-vgpud");
      const { stdout } = await lab.sh("systemctl status nvidia-vgpud; journalctl -u nvidia-vgpud");
      expect(stdout).toContain("status=6/NOTCONFIGURED");
      expect(stdout).toContain(
        "GPU not supported by vGPU at PCI Id: 0:82:0:0 DevID: 0x10de / 0x1b39 / 0x10de / 0x1217",
      );
      expect((await lab.sh(`ls -d ${pci(P10)}/mdev_supported_types`)).code).not.toBe(0);
    },
  },
  {
    id: "B22",
    title: "nvidia-smi vgpu without vGPUs has a row for each physical GPU; CUDA reads N/A and Not Found",
    async check(lab) {
      const table = await lab.run("nvidia-smi vgpu");
      expect(table.match(/^\|\s+\d+\s+\S/gm)).toHaveLength(mixedCards.split(",").length);
      expect(table).not.toMatch(/\d{10}/);
      expect(await lab.run("nvidia-smi")).toMatch(/CUDA Version: N\/A/);
      expect(await lab.run("nvidia-smi -q")).toMatch(/CUDA Version\s*: Not Found/);
    },
  },
  {
    id: "B24",
    title: "nvidia-smi prints addresses with eight upper-case digits of domain, sysfs with four lower-case",
    async check(lab) {
      expect(await lab.run("nvidia-smi --query-gpu=pci.bus_id --format=csv,noheader")).toContain("00000000:82:00.0\n");
      expect(await lab.run(`ls -d ${pci(P10)}`)).toContain(P10);
    },
  },
  {
    id: "B25",
    title: "a GPU on PCI domain 1 is 0001:c8:00.0 in sysfs and 00000001:C8:00.0 in nvidia-smi",
    async check(lab) {
      expect(await lab.run("lspci -D -d 10de:2236")).toMatch(/^0001:c8:00\.0 /);
      expect(await lab.run("nvidia-smi -q")).toContain("GPU 00000001:C8:00.0");
      expect(await lab.run("virsh nodedev-list --cap pci")).toContain("pci_0001_c8_00_0");
    },
  },
  {
    id: "B27",
    title: "virsh prints the bus in decimal in <bus> and in hex in <address>",
    async check(lab) {
      const xml = await lab.run("virsh nodedev-dumpxml pci_0000_82_00_0 | grep -E 'domain|bus|slot|function'");
      expect(xml.split("\n").map((line) => line.trim())).toEqual([
        "<domain>0</domain>",
        "<bus>130</bus>",
        "<slot>0</slot>",
        "<function>0</function>",
        "<address domain='0x0000' bus='0x82' slot='0x00' function='0x0'/>",
        "",
      ]);
    },
  },
];

/** The same cards in other slots, on the same disk. The host starts with the T4 at 3b:00.0. */
export const renumbering: Behaviour[] = [
  {
    id: "B26",
    title: "after a change of hardware another GPU can have the address, and the UUID stays with the card",
    async check(lab) {
      const gpus = "nvidia-smi --query-gpu=pci.bus_id,name,uuid --format=csv,noheader";
      const before = (await lab.run(gpus))
        .trim()
        .split("\n")
        .map((line) => line.split(", "));
      await lab.replug(mixedCards.replace("T4@0000:3b", "A10@0000:3b").replace("A10@0001:c8", "T4@0001:c8"));
      const after = (await lab.run(gpus))
        .trim()
        .split("\n")
        .map((line) => line.split(", "));
      const uuidOf = (rows: string[][], name: string) => rows.find((row) => row[1] === name)![2];
      const at3b = (rows: string[][]) => rows.find((row) => row[0] === "00000000:3B:00.0")![1];
      expect([at3b(before), at3b(after)]).toEqual(["Tesla T4", "NVIDIA A10"]);
      for (const name of ["Tesla T4", "NVIDIA A10"]) expect(uuidOf(after, name)).toBe(uuidOf(before, name));
      await lab.reset();
    },
  },
];

/** The IOMMU, turned off and on by the host's own boot configuration. These reboot. */
export const iommu: Behaviour[] = [
  {
    id: "B28",
    title:
      "with the IOMMU off there is no /sys/class/iommu entry and no group; the kernel's command line takes effect at the next boot",
    async check(lab) {
      const count = "ls /sys/class/iommu | wc -l; ls /sys/kernel/iommu_groups | wc -l";
      expect(Number((await lab.run(count)).split("\n")[0])).toBeGreaterThan(0);
      await lab.run(`sed -i 's/^GRUB_CMDLINE_LINUX="/&intel_iommu=off /' /etc/default/grub && update-grub 2>&1`);
      expect(Number((await lab.run(count)).split("\n")[0])).toBeGreaterThan(0);
      await lab.reboot();
      expect(await lab.run(count)).toBe("0\n0\n");
    },
  },
  {
    id: "B29",
    title: "with the IOMMU off sriov-manage creates VFs without a driver, and the kernel log has the reason",
    async check(lab) {
      const A10 = "0001:c8:00.0";
      await enableVfs(lab, A10);
      expect(await lab.run(`cat ${pci(A10)}/sriov_numvfs`)).toBe("32\n");
      expect((await lab.sh(`ls -d ${pci(A10)}/virtfn*/driver`)).code).not.toBe(0);
      expect(await lab.run("dmesg")).toMatch(
        /Aborting probe for VF 0001:c8:00.4 since IOMMU is not present on the system\./,
      );
    },
  },
];
