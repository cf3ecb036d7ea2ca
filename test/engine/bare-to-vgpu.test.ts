import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { driverPackage } from "../lab";
import { cardOf, connectionTo, typesOn } from "./declared";
import { interruptionScenario, reboot, slowReboot, someOf } from "./interruption-scenario";

const version = "550.163.02";

/** What the documented steps change on a host, apart from packages, logs and caches. */
const traces =
  "ls /etc/modprobe.d /usr/bin/nvidia-* /etc/nvidia-vgpu /var/lib/nvidia-vgpu /run/nvidia-vgpu 2>/dev/null; sed '/^GRUB_CMDLINE_LINUX=/d' /etc/default/grub; lspci -nnk -d 10de:";

/** Words of the kernel's command line are restored at its end, where they mean the same. */
const signsOf = async (lab: LabHost): Promise<string[]> => [
  await lab.run(traces),
  ...(await lab.run(". /etc/default/grub; echo $GRUB_CMDLINE_LINUX")).trim().split(" ").sort(),
];

let found: string[] = [];

interruptionScenario(
  "from a bare host to vGPUs and to other vGPUs, interrupted at every step",
  {
    host: { cards: "A40@0000:41", state: "bare", iommu: "off" },
    before: async (lab) => {
      found = await signsOf(lab);
      await lab.run(slowReboot);
    },
    declared: async (lab, vgpus) => {
      // The connection waits for a host that reboots.
      const connection = { ...connectionTo(lab, "ops"), dialErrorLimit: -1, perDialTimeout: 5 };
      const [functions, layout] = cardOf(lab, "A40", vgpus);
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
      { calls: "check_package", dies: "run", declares: {} },
      { calls: "install_packages", middle: 'has("/var/lib/dpkg/updates/0001")', dies: "step" },
      { calls: "blacklist_nouveau", dies: "run" },
      { calls: "rebuild_initramfs", middle: 'has("/boot/initrd.img-*.new")', dies: "step" },
      { calls: "set_kernel_words", middle: 'runs("grub-mkconfig")', dies: "run" },
      reboot,
      { calls: "run_installer", middle: 'runs("cc1")', dies: "step" },
      // The second reboot is not interrupted: one up goes through it to its end.
      { calls: "mark_reboot", dies: "run" },
      { calls: "enable_vfs", middle: someOf("0000:41"), dies: "step", declares: { "A40-1Q": 32 } },
      { calls: "create_mdev", middle: "vgpus() >= 3", dies: "run" },
      { calls: "remove_mdev", middle: "vgpus() <= 30", dies: "runner", declares: { "A40-2Q": 24 } },
    ],
    // The installer that was ended left the loading of modules blocked.
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
      expect(await signsOf(lab())).toEqual(found);
    });
  },
);
