import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { connectionTo, typesOn } from "./declared";
import { createVgpu, mdevsOn, removeVgpu } from "./manual-changes";
import { onLab } from "./on-lab";
import type { Declared, Outcome } from "./stack";

const [declaredVersion, otherVersion] = ["550.163.02", "580.105.06"];
const card = "0000:41:00.0";
const unmanaged = "99999999-9999-4999-8999-999999999999";
const nextKernel = "6.1.0-99-amd64";
const kernelPackage = `/var/lib/dpkg/info/linux-image-${nextKernel}.list`;
const declaredTypes = ["A40-8Q", "A40-8Q"];

/** Exit code of Pulumi when there are changes and none were expected. */
const changesFound = 7;

/** As sriov-manage makes VFs (B32), but one too few. A VF alone cannot be removed: the kernel gives it no file for that. */
const enableAllButOneVf = `
  /usr/lib/nvidia/sriov-manage -d ${card} && echo 1 > /proc/driver/nvidia/gpus/${card}/unbindLock && cd /sys/bus/pci/devices/${card}
  give_to() { echo ${card} > driver/unbind; echo $2 > driver_override; echo ${card} > /sys/bus/pci/drivers/$1/bind; }
  give_to pci-pf-stub pci-pf-stub && echo 31 > sriov_numvfs && give_to nvidia
  for vf in virtfn*; do basename $(readlink $vf) > /sys/bus/pci/drivers/nvidia/bind; done`;

/** A kernel as an upgrade leaves it: image, initramfs, modules of its own, a package that it is from, and first in the boot menu. */
const upgradeKernel = `
  for file in vmlinuz initrd.img; do cp /boot/$file-$(uname -r) /boot/$file-${nextKernel}; done
  mkdir /lib/modules/${nextKernel} && cd /lib/modules && grep -hE '/(mdev|vfio-pci-core|pci-pf-stub)\\.ko' $(uname -r)/modules.dep > ${nextKernel}/modules.dep
  echo /boot/vmlinuz-${nextKernel} > ${kernelPackage} && update-grub 2>&1`;
const removeKernel = `rm -r /boot/*-${nextKernel} /lib/modules/${nextKernel} ${kernelPackage} && update-grub 2>&1`;

/** Does quickly what an installation over the running driver leaves (B10, B15): modules of another version on the disk. */
const overwriteModules = `
  cd $(dirname $(modinfo -n nvidia)) && mkdir /root/modules && cp nvidia*.ko /root/modules
  sed -i 's/version=${declaredVersion}/version=${otherVersion}/' nvidia*.ko && depmod`;
/** An installer that does not take a minute for the trial build and for restoring. version-change.test.ts runs that of the lab. */
const installer = `#!/bin/sh
case " $* " in
*" --extract-only "*)
  until [ "$1" = --target ]; do shift; done
  mkdir -p "$2/kernel" && cp /root/modules/* "$2/kernel" && echo modules: >"$2/kernel/Makefile"
  exit ;;
esac
cp /root/modules/* "$(dirname "$(modinfo -n nvidia)")" && depmod && modprobe nvidia-vgpu-vfio`;

/** Prints what any change would alter: vGPUs (by their inode), packages, modules, the boot. */
const stateCommand =
  "stat -c '%n %i' /sys/bus/mdev/devices/*; stat -c %Y /var/lib/dpkg/status; lsmod | sort; cat /proc/sys/kernel/random/boot_id";

onLab(
  "drift of driver, kernel and boot under the real CLI",
  { cards: "A40@0000:41", state: "ready", driver: declaredVersion },
  ({ lab, stack }) => {
    const declared = (source: string): Declared[] => [
      { kind: "VgpuManagerInstall", name: "driver", connection: connectionTo(lab()), package: source, reboot: "never" },
      { kind: "SriovEnablement", name: "functions", on: "driver", gpus: [{ model: "A40" }], restoreAtBoot: false },
      {
        kind: "VgpuLayout",
        name: "layout",
        on: "functions",
        gpu: { model: "A40" },
        vgpus: { "A40-8Q": 2 },
        restoreAtBoot: false,
      },
    ];
    const source = () => join(stack().folder, `NVIDIA-Linux-x86_64-${declaredVersion}-vgpu-kvm.run`);
    let preview: Outcome;
    const previewDrift = async (): Promise<void> =>
      void (preview = await stack().preview("--diff", "--expect-no-changes"));

    /** Returns the lines of the preview about one resource. */
    const linesOf = (name: string): string =>
      preview.output
        .split("\n")
        .filter((line) => line.includes(`[${name}@${lab().address}]`))
        .join("\n");

    const expectUpToRepair = async (): Promise<void> => {
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await typesOn(lab())).toEqual(declaredTypes);
      expect(await lab().run(`cat /sys/bus/pci/devices/${card}/sriov_numvfs`)).toBe("32\n");
    };

    beforeAll(async () => {
      writeFileSync(source(), installer);
      stack().declare(declared(source()));
      await expectUpToRepair();
    });

    describe("a kernel module that was unloaded by hand, which removed all vGPUs", () => {
      beforeAll(async () => {
        await lab().run("systemctl stop nvidia-vgpu-mgr && rmmod nvidia_vgpu_vfio");
        await previewDrift();
      });

      test("the preview names the unloaded module and what it removed", () => {
        expect(preview.code, preview.output).toBe(changesFound);
        expect(linesOf("driver")).toMatch(/nvidia_vgpu_vfio is not loaded/);
        expect(linesOf("functions")).toMatch(/0000:41:00\.4 and 31 more VFs are without vGPU types/);
        expect(linesOf("layout")).toMatch(/has vGPUs on virtual functions only, and .* are without vGPU types/);
      });

      test("one up loads the module again and re-creates the vGPUs", () => expectUpToRepair());
    });

    describe("a missing virtual function, and a kernel that boots next without driver modules and headers", () => {
      let stateBefore = "";

      beforeAll(async () => {
        await lab().run(enableAllButOneVf);
        await createVgpu(lab(), "0000:41:00.7", "A40-8Q", unmanaged);
        await lab().run(upgradeKernel);
        stateBefore = await lab().run(stateCommand);
        await previewDrift();
      });

      test("preview --expect-no-changes exits with 7 for a missing VF and an unprepared kernel", () =>
        expect(preview.code, preview.output).toBe(changesFound));

      test.each([
        [
          "the VFs that are there",
          "functions",
          /31 of 32 VFs are there, which only disabling and enabling all of them repairs/,
        ],
        ["the unmanaged vGPU that blocks a VF cycle", "functions", /A40-8Q 99999999-\S+ on 0000:41:00\.7 is unmanaged/],
        [
          "the kernel without modules",
          "driver",
          /6\.1\.0-99-amd64 boots next and has no modules of 550\.163\.02, and no headers/,
        ],
        ["the headers that are missing", "driver", /missing: headers of the kernel 6\.1\.0-99-amd64/],
      ])("the preview reports %s", (_, name, words) => expect(linesOf(name), preview.output).toMatch(words));

      test("up fails with the names of headers that no repository has, and changes nothing", async () => {
        const { code, output } = await stack().up();
        expect(code).not.toBe(0);
        expect(output).toMatch(
          /no repository has it: "E: .*linux-headers-6\.1\.0-99-amd64.*"\. For headers of a kernel/,
        );
        expect(await lab().run(stateCommand)).toBe(stateBefore);
      });
    });

    describe("modules of another version on the disk than those that run", () => {
      beforeAll(async () => {
        // The stack moves to the native plugin with what is pending.
        stack().isNative = true;
        stack().declare(declared(source()));
        await lab().run(removeKernel);
        await removeVgpu(lab(), unmanaged);
        await lab().run(overwriteModules);
        await previewDrift();
      });

      test("the preview reports the installed and the running version", () => {
        expect(preview.code, preview.output).toBe(changesFound);
        expect(linesOf("driver")).toMatch(
          /580\.105\.06 is installed instead of 550\.163\.02, which runs until the next boot/,
        );
      });

      test("the preview reports no drift of a kernel that was removed again", () => {
        expect(linesOf("driver")).not.toMatch(/boots next|headers/);
      });

      test("up replaces the modules but does not reboot, and previews report the reboot until it happens", async () => {
        const { code, output } = await stack().up();
        expect(code).not.toBe(0);
        expect(output).toMatch(
          /Could not finish without a reboot on \S+: installing vGPU Manager 550\.163\.02 requires a reboot/,
        );
        await previewDrift();
        expect(preview.code, preview.output).toBe(changesFound);
        expect(linesOf("driver")).toMatch(/vGPU Manager 550\.163\.02 was installed, which takes effect after a reboot/);
      });
    });

    describe("after the pending reboot", () => {
      beforeAll(async () => {
        await lab().reboot();
        await previewDrift();
      });

      test("the preview reports no pending reboot after it happened, but the VFs and vGPUs that it removed", async () => {
        expect(preview.code, preview.output).toBe(changesFound);
        expect(linesOf("driver")).toBe("");
        expect(linesOf("functions")).toMatch(/VFs are off \(0 of 32\)/);
        expect(linesOf("layout")).toMatch(/has vGPUs on virtual functions only, and VFs are off \(0 of 32\)/);
        expect(await mdevsOn(lab())).toEqual([]);
      });

      test("one up repairs the host after the reboot", () => expectUpToRepair());
    });
  },
);
