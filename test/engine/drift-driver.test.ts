import { basename } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { driverPackage, injectFault } from "../lab";
import { faults } from "../lab/faults";
import { makeVgpu, mdevsOn, takeVgpu } from "./by-hand";
import { cardOf, connectionTo, typesOn } from "./declared";
import { onLab } from "./on-lab";
import type { Ended } from "./stack";

const [before, after] = ["550.163.02", "580.105.06"];
const card = "0000:41:00.0";
const strangers = "99999999-9999-4999-8999-999999999999";
const nextKernel = "6.1.0-99-amd64";
const asDeclared = ["A40-8Q", "A40-8Q"];

/** What Pulumi ends with when changes were not expected and there are some. */
const changesFound = 7;

/** As sriov-manage makes VFs (B32), but one too few. A VF alone cannot be removed: the kernel gives it no file for that. */
const oneTooFew = `
  /usr/lib/nvidia/sriov-manage -d ${card}
  echo 1 > /proc/driver/nvidia/gpus/${card}/unbindLock
  cd /sys/bus/pci/devices/${card}
  give() { [ ! -e driver ] || echo ${card} > driver/unbind; echo $1 > driver_override; echo ${card} > /sys/bus/pci/drivers/$2/bind; }
  give pci-pf-stub pci-pf-stub && echo 31 > sriov_numvfs && give '' nvidia
  for vf in virtfn*; do basename $(readlink $vf) > /sys/bus/pci/drivers/nvidia/bind; done`;

/** A kernel as an upgrade leaves it: image, initramfs, modules of its own, and a menu that puts it first. */
const newKernel = `
  for file in /boot/vmlinuz-* /boot/initrd.img-*; do cp $file \${file%-*-*-*}-${nextKernel}; done
  mkdir /lib/modules/${nextKernel}
  grep -hE '/(mdev|vfio-pci-core|pci-pf-stub)\\.ko' /lib/modules/$(uname -r)/modules.dep > /lib/modules/${nextKernel}/modules.dep
  update-grub 2>&1`;
const noNewKernel = `rm -r /boot/*-${nextKernel} /lib/modules/${nextKernel}; update-grub 2>&1`;

/** What would not be the same if anything had been done: vGPUs (by their inode), packages, modules, the boot. */
const signs = "cd /sys/bus/mdev/devices && stat -c '%n %i' *; stat -c %Y /var/lib/dpkg/status; lsmod | sort; cat /proc/sys/kernel/random/boot_id";

onLab("drift of driver, kernel and boot under the real CLI", { cards: "A40@0000:41", state: "ready", driver: before }, ({ lab, stack }) => {
  const declare = async () => stack().declare([
    { kind: "VgpuManagerInstall", name: "driver", connection: connectionTo(lab()), package: await driverPackage(before), reboot: "never" },
    ...cardOf(lab(), "A40", { "A40-8Q": 2 }).map((one) => (one.name === "functions" ? { ...one, connection: undefined, on: "driver" } : one)),
  ]);
  const look = (): Promise<Ended> => stack().preview("--diff", "--expect-no-changes");
  let found: Ended;

  /** The lines that a preview shows for one resource. */
  const saidOf = (name: string): string => found.output.split("\n").filter((line) => line.includes(`[${name}@${lab().address}]`)).join("\n");

  const expectOneUpToRepair = async (): Promise<void> => {
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    expect(await typesOn(lab())).toEqual(asDeclared);
    expect(await lab().run(`cat /sys/bus/pci/devices/${card}/sriov_numvfs`)).toBe("32\n");
  };

  beforeAll(async () => {
    await declare();
    await expectOneUpToRepair();
  });

  describe("a module that somebody unloaded, which took all vGPUs", () => {
    beforeAll(async () => {
      await lab().run("systemctl stop nvidia-vgpu-mgr && rmmod nvidia_vgpu_vfio");
      found = await look();
    });

    test("is named, with what it took along", () => {
      expect(found.code, found.output).toBe(changesFound);
      expect(saidOf("driver")).toMatch(/nvidia_vgpu_vfio is not loaded/);
      expect(saidOf("functions")).toMatch(/VFs are without vGPU types/);
      expect(saidOf("layout")).toMatch(/makes vGPUs on virtual functions only/);
    });

    test("is loaded again by one up, which puts back the vGPUs", () => expectOneUpToRepair());
  });

  describe("virtual functions of which one is missing", () => {
    beforeAll(async () => {
      await lab().run(oneTooFew);
      await makeVgpu(lab(), "0000:41:00.7", "A40-8Q", strangers);
      found = await look();
    });

    test("are told, with the stranger's vGPU that a cycle would take", () => {
      expect(found.code, found.output).toBe(changesFound);
      expect(saidOf("functions")).toMatch(/31 of 32 VFs are there, which only a cycle .*, and the A40-8Q 99999999-\S+ on 0000:41:00\.7 was made by somebody else/);
    });

    test("stay told after an up that failed halfway: its step is not forgotten", async () => {
      await takeVgpu(lab(), strangers);
      await injectFault(lab(), "sriov-manage-silent");
      const { code, output } = await stack().up();
      await faults["sriov-manage-silent"]!.clear!(lab());
      expect(code).not.toBe(0);
      expect(output).toMatch(/Could not disable and enable the virtual functions of .*sriov-manage ended with 0, and 0000:41:00\.0 has 0 of 32/);
      found = await look();
      expect(found.code, found.output).toBe(changesFound);
      expect(saidOf("functions")).toMatch(/VFs are off \(0 of 32\)/);
    });

    test("are all there with the next up, and the vGPUs on them", () => expectOneUpToRepair());
  });

  describe("a kernel that boots next and has neither driver modules nor headers", () => {
    let untouched = "";

    beforeAll(async () => {
      await lab().run(newKernel);
      untouched = await lab().run(signs);
      found = await look();
    });

    test("is named, with what is missing", () => {
      expect(found.code, found.output).toBe(changesFound);
      expect(saidOf("driver")).toContain(`missing: headers of the kernel ${nextKernel}`);
      expect(saidOf("driver")).toContain(`the kernel ${nextKernel} boots next and has no modules of ${before}, and no headers to build them with`);
    });

    test("without headers anywhere is an error that names them, and nothing is touched", async () => {
      const { code, output } = await stack().up();
      expect(code).not.toBe(0);
      expect(output).toMatch(new RegExp(`Could not install linux-headers-${nextKernel} .*If no repository has headers`));
      expect(await lab().run(signs)).toBe(untouched);
    });

    test("is no drift any more when it is removed by hand", async () => {
      await lab().run(noNewKernel);
      found = await look();
      expect(found.code, found.output).toBe(0);
    });
  });

  describe("another driver that somebody laid over the running one", () => {
    beforeAll(async () => {
      const source = await driverPackage(after);
      const at = `/root/${basename(source)}`;
      await lab().copyIn(source, at);
      await lab().run(`sh ${at} -s --allow-installation-with-running-driver`);
      found = await look();
    });

    test("is told with both versions", () => {
      expect(found.code, found.output).toBe(changesFound);
      expect(saidOf("driver")).toContain(`${after} is installed instead of ${before}, which runs until the next boot`);
    });

    test("is replaced by an up, which leaves the reboot and is told to wait for it", async () => {
      const { code, output } = await stack().up();
      expect(code).not.toBe(0);
      expect(output).toMatch(new RegExp(`This host has to be rebooted: installing vGPU Manager ${before} takes a reboot`));
      found = await look();
      expect(found.code, found.output).toBe(changesFound);
      expect(saidOf("driver")).toMatch(new RegExp(`vGPU Manager ${before} was installed and waits for a reboot\\.$`));
    });
  });

  describe("a reboot that was pending and happened", () => {
    beforeAll(async () => {
      await lab().reboot();
      found = await look();
    });

    test("is not spoken of any more; what it took is", async () => {
      expect(found.code, found.output).toBe(changesFound);
      expect(saidOf("driver")).toBe("");
      expect(saidOf("functions")).toMatch(/VFs are off \(0 of 32\)/);
      expect(saidOf("layout")).toMatch(/VFs are off \(0 of 32\)/);
      expect(await mdevsOn(lab())).toEqual([]);
    });

    test("leaves a host that one up repairs", () => expectOneUpToRepair());
  });
});
