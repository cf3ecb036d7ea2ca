import { describe, expect, test } from "vitest";
import type { Capture } from "../../../provider/probe";
import { bootFacts } from "../../../provider/probe/facts/boot";
import { driverFacts } from "../../../provider/probe/facts/driver";
import { pendingReboot } from "../../../provider/probe/facts/pending-reboot";
import { systemFacts } from "../../../provider/probe/facts/system";
import { captureOf } from "../capture-of";

test.each([
  ["debian", ["ID=debian"]],
  ["ubuntu", ["ID=ubuntu", "ID_LIKE=debian"]],
  ["ubuntu", ["ID=linuxmint", 'ID_LIKE="ubuntu debian"']],
  ["rhel", ['ID="rocky"', 'ID_LIKE="rhel centos fedora"']],
  ["suse", ['ID="opensuse-leap"', 'ID_LIKE="suse opensuse"']],
  ["other", ["ID=arch"]],
])("the family %s is recognised by %j", (family, release) => {
  expect(systemFacts(captureOf({ files: { "/etc/os-release": release } })).os).toMatchObject({ family });
});

describe("Secure Boot", () => {
  const secureBoot = (
    bytes: string[],
    complaints: string[] = [],
    links: Record<string, string> = { "/sys/firmware/efi": "" },
  ) => systemFacts(captureOf({ links, "secure-boot": bytes, complaints })).secureBoot;
  test("is the fifth byte of the firmware's variable", () => {
    expect(secureBoot(["   6   0   0   0   1"])).toBe(true);
    expect(secureBoot(["   6   0   0   0   0"])).toBe(false);
  });
  test("is off without the variable, and without EFI", () => {
    expect(secureBoot([])).toBe(false);
    expect(secureBoot([], [], {})).toBe(false);
  });
  test("is unknown when the variable may not be read", () => {
    expect(secureBoot([], ["od: /sys/firmware/efi/efivars/SecureBoot-8be4df61: Permission denied"])).toHaveProperty(
      "unknown",
    );
  });
});

test("an IOMMU that the kernel did not turn on is not active", () => {
  const links = { "/sys/firmware/acpi/tables/DMAR": "" };
  expect(systemFacts(captureOf({ links })).iommu).toMatchObject({ active: false, inFirmware: true, vendor: "intel" });
  // Some kernels show the units although nothing is translated.
  expect(systemFacts(captureOf({ links: { ...links, "/sys/class/iommu/dmar0": "" } })).iommu.active).toBe(false);
});

test("disks are unknown if df printed nothing", () => {
  expect(systemFacts(captureOf({ disk: [] })).disks).toHaveProperty("unknown");
});

describe("a reboot is pending", () => {
  const pending = (capture: Capture) => {
    const boot = bootFacts(capture);
    return pendingReboot(capture, boot, driverFacts(capture, boot));
  };
  const running = { "/proc/sys/kernel/osrelease": ["6.1.0-1"], "/proc/cmdline": ["quiet"] };
  const grub = (kernel: string, words: string) => ({
    "/etc/default/grub": ["GRUB_DEFAULT=0"],
    "/boot/grub/grub.cfg": ["menuentry 'x' {", ` linux /vmlinuz-${kernel} ${words}`],
  });

  test("for no reason on a host that is in sync", () => {
    expect(pending(captureOf({ files: { ...running, ...grub("6.1.0-1", "quiet") } }))).toEqual([]);
  });
  test("for no reason if the next boot is unknown", () => {
    expect(pending(captureOf({ files: running }))).toEqual([]);
  });
  test("for another kernel and another command line", () => {
    expect(pending(captureOf({ files: { ...running, ...grub("6.1.0-2", "intel_iommu=on") } }))).toEqual([
      { reason: "kernel", detail: "6.1.0-1 runs, 6.1.0-2 boots next" },
      { reason: "command-line", detail: "+intel_iommu=on -quiet" },
    ]);
  });
  test("for a driver that is installed but not loaded yet", () => {
    const driver = {
      "/sys/module/nvidia/version": ["535.230.02"],
      "/lib/modules/6.1.0-1/modules.dep": ["extra/nvidia.ko:"],
    };
    const modinfo = ["filename:       /lib/modules/6.1.0-1/extra/nvidia.ko", "version:        550.163.02"];
    expect(pending(captureOf({ files: { ...running, ...driver }, modinfo }))).toEqual([
      { reason: "driver", detail: "535.230.02 is loaded, 550.163.02 is installed" },
    ]);
  });
  test("for nouveau, which is blacklisted but loaded", () => {
    const files = {
      ...running,
      "/proc/modules": ["nouveau 2433024 0 - Live 0x0"],
      "/etc/modprobe.d/a.conf": ["  blacklist nouveau", "# blacklist nouveau"],
    };
    expect(pending(captureOf({ files }))).toEqual([
      { reason: "nouveau", detail: "loaded, and blacklisted by /etc/modprobe.d/a.conf" },
    ]);
  });
  test("because the distribution requests it", () => {
    expect(pending(captureOf({ files: running, links: { "/run/reboot-needed": "" } }))).toEqual([
      { reason: "distribution", detail: "/run/reboot-needed" },
    ]);
  });
});

describe("nouveau's blacklist is in the initramfs", () => {
  const current = (initramfs: number | null, blacklist: number) => {
    const capture = captureOf({
      files: {
        "/etc/default/grub": ["GRUB_DEFAULT=0"],
        "/boot/grub/grub.cfg": ["menuentry 'x' {", " linux /vmlinuz-6.1.0-1 quiet"],
        "/etc/modprobe.d/a.conf": ["blacklist nouveau"],
      },
      times: [
        ...(initramfs ? [`/boot/initrd.img-6.1.0-1\t${initramfs}.5`] : []),
        `/etc/modprobe.d/a.conf\t${blacklist}.5`,
      ],
    });
    return driverFacts(capture, bootFacts(capture)).nouveau.initramfsCurrent;
  };
  test("when the initramfs is newer", () => expect(current(200, 100)).toBe(true));
  test("not when the initramfs is older", () => expect(current(100, 200)).toBe(false));
  test("not when one of them is dated in the future, which is reported", () => {
    const at = (initramfs: number, blacklist: number) => {
      const capture = captureOf({
        files: {
          "/proc/uptime": ["100.50 99.00"],
          "/proc/stat": ["btime 1000"],
          "/etc/default/grub": ["GRUB_DEFAULT=0"],
          "/boot/grub/grub.cfg": ["menuentry 'x' {", " linux /vmlinuz-6.1.0-1 quiet"],
          "/etc/modprobe.d/a.conf": ["blacklist nouveau"],
        },
        times: [`/boot/initrd.img-6.1.0-1\t${initramfs}`, `/etc/modprobe.d/a.conf\t${blacklist}`],
      });
      const { initramfsCurrent, datedInFuture } = driverFacts(capture, bootFacts(capture)).nouveau;
      return { initramfsCurrent, datedInFuture };
    };
    expect(at(1090, 1080)).toEqual({ initramfsCurrent: true });
    expect(at(1090, 9000)).toEqual({ initramfsCurrent: false, datedInFuture: "/etc/modprobe.d/a.conf" });
    expect(at(9000, 1080)).toEqual({ initramfsCurrent: false, datedInFuture: "/boot/initrd.img-6.1.0-1" });
    // Written while the probe ran.
    expect(at(1130, 1120)).toEqual({ initramfsCurrent: true });
  });
  test("unknown when the initramfs is missing", () => expect(current(null, 100)).toHaveProperty("unknown"));
});

describe("the flavour of the driver", () => {
  const flavour = (files: Record<string, string[]>, links: Record<string, string> = {}) => {
    const capture = captureOf({ files: { "/proc/sys/kernel/osrelease": ["6.1.0-1"], ...files }, links });
    return driverFacts(capture, bootFacts(capture)).flavour;
  };
  test("is none without a module", () => expect(flavour({})).toBe("none"));
  test("is data-centre with NVIDIA's module alone", () =>
    expect(flavour({ "/sys/module/nvidia/version": ["580.159.04"] })).toBe("data-centre"));
  test("is vgpu-manager with its second module, loaded or on disk", () => {
    expect(
      flavour({ "/sys/module/nvidia/version": ["550.163.02"], "/sys/module/nvidia_vgpu_vfio/version": ["550.163.02"] }),
    ).toBe("vgpu-manager");
    expect(flavour({ "/lib/modules/6.1.0-1/modules.dep": ["extra/nvidia.ko:", "extra/nvidia-vgpu-vfio.ko:"] })).toBe(
      "vgpu-manager",
    );
  });
});
