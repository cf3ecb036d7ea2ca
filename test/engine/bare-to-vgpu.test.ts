import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { driverPackage } from "../lab";
import { connectionTo, sriovAndLayout, typesOn } from "./declared";
import { hasSomeVfsOf, interruptionScenario, reboot, slowReboot } from "./interruption-scenario";

const version = "550.163.02";

/** Prints what the documented steps change on a host, apart from packages, logs and caches. */
const stateCommand =
  "ls /etc/modprobe.d /usr/bin/nvidia-* /etc/nvidia-vgpu /var/lib/nvidia-vgpu /run/nvidia-vgpu 2>/dev/null; sed '/^GRUB_CMDLINE_LINUX=/d' /etc/default/grub; lspci -nnk -d 10de:";

/** Words of the kernel's command line are restored at its end, where they mean the same. */
const stateOf = async (lab: LabHost): Promise<string[]> => [
  await lab.run(stateCommand),
  ...(await lab.run(". /etc/default/grub; echo $GRUB_CMDLINE_LINUX")).trim().split(" ").sort(),
];

let stateBefore: string[] = [];

interruptionScenario(
  "from a bare host to vGPUs and to other vGPUs, interrupted at every step",
  {
    host: { cards: "A40@0000:41", state: "bare", iommu: "off" },
    before: async (lab) => {
      stateBefore = await stateOf(lab);
      await lab.run(slowReboot);
    },
    declared: async (lab, vgpus) => {
      // The connection waits for a host that reboots.
      const connection = { ...connectionTo(lab, "ops"), dialErrorLimit: -1, perDialTimeout: 5 };
      const [functions, layout] = sriovAndLayout(lab, "A40", vgpus);
      return [
        {
          kind: "VgpuManagerInstall",
          name: "driver",
          connection,
          package: await driverPackage(version),
          iommu: true,
          reboot: "whenIdle",
          onDelete: "uninstall",
        },
        ...(Object.keys(vgpus).length === 0
          ? []
          : [{ ...functions!, connection: undefined, on: "driver", onDelete: "disable" }, layout!]),
      ];
    },
    interrupts: [
      { calls: "check_package", kills: "run", declares: {} },
      { calls: "install_packages", middle: 'has("/var/lib/dpkg/updates/0001")', kills: "step" },
      { calls: "blacklist_nouveau", kills: "run" },
      { calls: "rebuild_initramfs", middle: 'has("/boot/initrd.img-*.new")', kills: "step" },
      { calls: "set_kernel_words", middle: 'runs("grub-mkconfig")', kills: "run" },
      reboot,
      { calls: "run_installer", middle: 'runs("cc1")', kills: "step" },
      // The second reboot is not interrupted: one up goes through it to its end.
      { calls: "mark_reboot", kills: "run" },
      { calls: "enable_vfs", middle: hasSomeVfsOf("0000:41"), kills: "run", declares: { "A40-1Q": 32 } },
      { calls: "record_gpu", kills: "step" },
      { calls: "install_restorer", kills: "run" },
      { calls: "create_mdev", middle: "vgpus() >= 3", kills: "run" },
      { calls: "remove_mdev", middle: "vgpus() <= 30", kills: "runner", declares: { "A40-2Q": 24 } },
    ],
    // The killed installer left the loading of modules blocked.
    repairs: ["allow_modules"],
  },
  ({ lab, stack }) => {
    test("the interrupted ups end with the declared driver and vGPU types and no pending reboot, and one more up changes nothing", async () => {
      expect(await lab().run("cat /sys/module/nvidia/version")).toBe(`${version}\n`);
      expect(await typesOn(lab())).toEqual(Array<string>(24).fill("A40-2Q"));
      expect(await stack().outputsOf("driver")).toMatchObject({ version, rebootPending: false });
      const { code, output } = await stack().up("--expect-no-changes");
      expect(code, output).toBe(0);
    });

    test("destroy with uninstall and disable leaves the host as it was before", async () => {
      const { code, output } = await stack().destroy();
      expect(code, output).toBe(0);
      await lab().reboot();
      expect(await stateOf(lab())).toEqual(stateBefore);
    });
  },
);
