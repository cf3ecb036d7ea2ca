import { expect, test } from "vitest";
import { driverPackage, injectFault } from "../lab";
import { endVm, startVm } from "../lab/behaviours/devices";
import { faults } from "../lab/faults";
import { connectionTo, typesOn } from "./declared";
import { mdevsOn } from "./manual-changes";
import { onLab } from "./on-lab";

const [before, after] = ["550.163.02", "580.105.06"];

/** Prints what a new driver would change: its version, the boot, each vGPU (by its inode), uploaded packages. */
const stateCommand =
  "cat /sys/module/nvidia/version /proc/sys/kernel/random/boot_id; stat -c '%n %i' /sys/bus/mdev/devices/*; ls /var/lib/nvidia-vgpu 2>&1; true";

const driverState =
  "cat /sys/module/nvidia/version /proc/sys/kernel/random/boot_id; ls /sys/bus/pci/drivers/nvidia; systemctl is-active nvidia-vgpu-mgr";
const records = "cd /etc/nvidia-vgpu/vgpus && grep -H '' *";
const header = "$(find -L /lib/modules/$(uname -r)/source/include/linux -name pci.h)";

onLab(
  "a driver change below VFs and vGPUs under the real CLI",
  { cards: "A40@0000:41", state: "ready", driver: before },
  ({ lab, stack }) => {
    const declare = async (version: string) =>
      stack().declare([
        {
          kind: "VgpuManagerInstall",
          name: "driver",
          connection: connectionTo(lab()),
          package: await driverPackage(version),
          reboot: "whenIdle",
        },
        { kind: "SriovEnablement", name: "functions", on: "driver", gpus: [{ model: "A40" }] },
        {
          kind: "VgpuLayout",
          name: "layout",
          on: "functions",
          gpu: { model: "A40" },
          vgpus: { "A40-12Q": 3 },
          named: { cad: { type: "A40-12Q" } },
        },
      ]);
    const uuids = () => lab().run("ls /sys/bus/mdev/devices");
    let vgpus = "";

    test("up adopts the installed driver version", async () => {
      const boot = await lab().run("cat /proc/sys/kernel/random/boot_id");
      await declare(before);
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await lab().run("cat /proc/sys/kernel/random/boot_id")).toBe(boot);
      vgpus = await uuids();
    });

    test("up changes nothing while a VM uses a vGPU, and names the VM", async () => {
      const stateBefore = await lab().run(stateCommand);
      const vm = await startVm(lab(), "cad-01", `/sys/bus/mdev/devices/${vgpus.split("\n")[0]}`);
      await declare(after);
      const { code, output } = await stack().up();
      await endVm(lab(), vm);
      expect(code).not.toBe(0);
      expect(output).toMatch(
        /Could not install vGPU Manager 580\.105\.06 .* is used by the guest cad-01 \(running, pid \d+\)/,
      );
      expect(await lab().run(stateCommand)).toBe(stateBefore);
    });

    test("the preview of a driver change has an update of each resource that depends on the driver", async () => {
      const { output } = await stack().preview();
      expect(output).toMatch(/VgpuManagerInstall +driver +update/);
      expect(output).toMatch(/SriovEnablement +functions +update \[diff: ~dependencyAppliedAt\]/);
      expect(output).toMatch(/VgpuLayout +layout +update \[diff: ~dependencyAppliedAt\]/);
    });

    test("a package with modules that do not build removes nothing", async () => {
      const stateBefore = [await lab().run(driverState), await mdevsOn(lab())];
      await lab().run(
        `cp ${header} /root/header && sed -i '1i #error "a kernel that this branch does not know"' ${header}`,
      );
      const { code, output } = await stack().up();
      await lab().run(`cp /root/header ${header}`);
      expect(code).not.toBe(0);
      expect(output).toMatch(
        /Could not test-build the modules of 580\.105\.06 for \S+ .*error: #error "a kernel that this branch does not know"/,
      );
      expect(output).toContain("Nothing was removed.");
      expect([await lab().run(driverState), await mdevsOn(lab())]).toEqual(stateBefore);
      expect(await lab().run("ls /var/lib/nvidia-vgpu")).toBe("packages\n");
    });

    test("driver, VFs and vGPUs are restored in the same up when the installer fails", async () => {
      const stateBefore = [await lab().run(driverState), await lab().run(records)];
      // A monitoring program that runs nvidia-smi often loads whichever driver is there.
      await lab().run("systemd-run --unit=monitor sh -c 'while :; do modprobe nvidia; sleep 3; done'");
      await injectFault(lab(), "build-fails");
      const { code, output } = await stack().up();
      await faults["build-fails"]!.clear!(lab());
      expect(code).not.toBe(0);
      expect(output).toMatch(
        /Could not install vGPU Manager 580\.105\.06 .*Restored: the driver 550\.163\.02, 32 virtual functions and 4 vGPUs\./,
      );
      expect([await lab().run(driverState), await lab().run(records)]).toEqual(stateBefore);
      expect(await typesOn(lab())).toEqual(Array(4).fill("A40-12Q"));
      expect(await uuids()).toBe(vgpus);
      expect(await lab().run("ls /run/modprobe.d 2>/dev/null; true")).toBe("");
    });

    test("one up installs the new version and re-creates the same VFs and vGPUs, also with /tmp mounted noexec", async () => {
      await lab().run("mount -t tmpfs -o noexec tmpfs /tmp");
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await lab().run("cat /sys/module/nvidia/version")).toBe(`${after}\n`);
      expect(await typesOn(lab())).toEqual(Array(4).fill("A40-12Q"));
      expect(await uuids()).toBe(vgpus);
      const again = await stack().preview("--expect-no-changes");
      expect(again.code, again.output).toBe(0);
    });
  },
);
