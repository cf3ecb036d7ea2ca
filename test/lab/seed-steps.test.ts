import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabHost } from ".";
import { up } from ".";
import { driverPackage } from "./driver/package";

/**
 * The steps of the how-to page that this project automates ("Install NVIDIA Virtual GPU Manager", cloud-atlas), by hand
 * and in its order, on a bare host with the page's own Tesla P10 at 82:00.0 and version 510.85.03, and an A40 for the
 * step that needs SR-IOV. Shapes of output are those printed on the page.
 */
describe("the documented steps, by hand, on a bare host", () => {
  const version = "510.85.03";
  const run = `NVIDIA-Linux-x86_64-${version}-vgpu-kvm.run`;
  let lab: LabHost;

  beforeAll(async () => {
    lab = await up({ cards: "P10@0000:82,A40@0000:41", state: "bare" });
    await lab.copyIn(await driverPackage(version), `/root/${run}`);
  });
  afterAll(() => lab?.down());

  test("S01 compiler and kernel headers are installed by apt", async () => {
    await lab.run("apt-get install -y gcc make linux-headers-$(uname -r) 2>&1");
    await lab.run("[ -d /lib/modules/$(uname -r)/build/include ] && cc --version && make --version");
  });

  test("before S02 the installer refuses a host with nouveau; a blacklist in the initramfs and a reboot remove it", async () => {
    expect(await lab.run("lspci -nnk -d 10de:")).toContain("Kernel driver in use: nouveau");
    expect((await lab.sh(`sh ./${run} -s`)).code).toBe(1);
    expect(await lab.run("cat /var/log/nvidia-installer.log")).toContain(
      "ERROR: The Nouveau kernel driver is currently in use by your system.",
    );
    await lab.run(
      "printf 'blacklist nouveau\\noptions nouveau modeset=0\\n' > /etc/modprobe.d/blacklist-nouveau.conf && update-initramfs -u 2>&1",
    );
    await lab.reboot();
    expect(await lab.run("lsmod")).not.toContain("nouveau");
  });

  test("S02 the installer compiles and installs", async () => {
    const { code, stdout, stderr } = await lab.sh(`chmod +x ${run} && sh ./${run} -s`);
    expect(`${code} ${stdout}${stderr}`).toMatch(/^0 /);
    expect(await lab.run("ls /etc/systemd/system/multi-user.target.wants")).toMatch(
      /nvidia-vgpu-mgr.service\n[^]*nvidia-vgpud.service/,
    );
  });

  test("S03 the host reboots", async () => {
    const before = await lab.run("cat /proc/sys/kernel/random/boot_id");
    await lab.reboot();
    expect(await lab.run("cat /proc/sys/kernel/random/boot_id")).not.toBe(before);
  });

  test("S04 lsmod shows nvidia_vgpu_vfio and mdev", async () => {
    expect(await lab.run("lsmod | grep vfio")).toMatch(
      /^nvidia_vgpu_vfio +\d+ +\d+$[^]*^mdev +\d+ +1 nvidia_vgpu_vfio$/m,
    );
  });

  test("S05 nvidia-smi lists the physical GPUs", async () => {
    const table = await lab.run("nvidia-smi");
    expect(table).toContain("| NVIDIA-SMI 510.85.03    Driver Version: 510.85.03    CUDA Version: N/A      |");
    expect(table).toMatch(/^\| +1 +NVIDIA Graphics\.\.\. +Off +\| 00000000:82:00\.0 Off \|/m);
  });

  test("S06 to S09 lspci and virsh show the GPU's address, its libvirt name, and the numbers of libvirt", async () => {
    expect(await lab.run("lspci | grep NVIDIA | grep 82:00")).toMatch(
      /82:00\.0 3D controller: NVIDIA Corporation GP102GL \[Tesla P10\] \(rev a1\)\n$/,
    );
    expect(await lab.run("virsh nodedev-list --cap pci | grep 82_00_0")).toBe("pci_0000_82_00_0\n");
    expect(await lab.run("virsh nodedev-dumpxml pci_0000_82_00_0 | grep -E 'domain|bus|slot|function'")).toBe(
      [
        "    <domain>0</domain>",
        "    <bus>130</bus>",
        "    <slot>0</slot>",
        "    <function>0</function>",
        "      <address domain='0x0000' bus='0x82' slot='0x00' function='0x0'/>",
        "",
      ].join("\n"),
    );
  });

  test("S11, S12 the P10 has no type directory because nvidia-vgpud refuses it, and the journal has the reason", async () => {
    expect((await lab.sh("cd /sys/class/mdev_bus/0000:82:00.0/mdev_supported_types")).code).not.toBe(0);
    const journal = await lab.run("journalctl -u nvidia-vgpud");
    expect(journal).toContain("GPU not supported by vGPU at PCI Id: 0:82:0:0 DevID: 0x10de / 0x1b39 / 0x10de / 0x1217");
    expect(journal).toContain("error: failed to send vGPU configuration info to RM: 6");
  });

  test("S13 sriov-manage enables the VFs of the SR-IOV GPU, and types appear below them", async () => {
    expect(await lab.run("/usr/lib/nvidia/sriov-manage -e ALL")).toContain("Enabling VFs on 0000:41:00.0");
    expect(await lab.run("ls -l /sys/bus/pci/devices/0000:41:00.0/ | grep virtfn0")).toMatch(
      /virtfn0 -> \.\.\/0000:41:00\.4\n$/,
    );
    expect(await lab.run("ls /sys/class/mdev_bus/0000:41:00.4/mdev_supported_types")).toContain("nvidia-558\n");
  });

  test("S14 lspci -v shows the driver, the IOMMU group and the modules", async () => {
    const card = await lab.run("lspci -v -s 82:00.0");
    expect(card).toMatch(/Subsystem: NVIDIA Corporation GP102GL \[Tesla P10\]\n\tPhysical Slot: 3\n/);
    expect(card).toMatch(/IOMMU group \d+/);
    expect(card).toMatch(/Memory at [0-9a-f]+ \(64-bit, prefetchable\) \[size=32G\]/);
    expect(card).toContain("Kernel driver in use: nvidia\n");
    expect(card).toMatch(
      /Kernel modules: .*nouveau.*nvidia_vgpu_vfio, nvidia\n|Kernel modules: .*nouveau, nvidia, nvidia_vgpu_vfio\n/,
    );
    expect(card).not.toContain("Single Root I/O Virtualization");
  });

  test("S15 nvidia-smi vgpu shows the physical GPUs and no vGPU", async () => {
    const table = await lab.run("nvidia-smi vgpu");
    expect(table).toMatch(/^\| +1 +NVIDIA Graphics Device +\| 00000000:82:00\.0 +\| +0% +\|$/m);
    expect(await lab.run("nvidia-smi vgpu -q")).toMatch(/GPU 00000000:82:00\.0\n {4}Active vGPUs +: 0/);
  });
});
