import { describe, expect, test } from "vitest";
import { bootFacts, commandLineChanges } from "../../../provider/probe/facts/boot";
import { captureOf } from "../capture-of";

describe("the configured command line", () => {
  const configured = (files: Record<string, string[]>, links: Record<string, string> = {}) =>
    bootFacts(captureOf({ files, links })).configured;

  test("is what GRUB's files say together, each over the one before", () => {
    expect(
      configured({
        "/etc/default/grub": ['GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"', "GRUB_CMDLINE_LINUX='intel_iommu=on'"],
        "/etc/default/grub.d/10-console.cfg": ['GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX console=ttyS0"'],
        "/etc/default/grub.d/50-quiet.cfg": ["GRUB_CMDLINE_LINUX_DEFAULT="],
      }),
    ).toEqual(["intel_iommu=on", "console=ttyS0"]);
  });

  test("is a file of its own where proxmox-boot-tool manages systemd-boot, and GRUB's where it manages GRUB", () => {
    const files = {
      "/etc/kernel/cmdline": ["root=ZFS=rpool iommu=pt"],
      "/etc/default/grub": ['GRUB_CMDLINE_LINUX="nomodeset"'],
    };
    const tool = { "/etc/kernel/proxmox-boot-uuids": "" };
    expect(configured(files, { ...tool, "/sys/firmware/efi": "" })).toEqual(["root=ZFS=rpool", "iommu=pt"]);
    expect(configured(files, tool)).toEqual(["nomodeset"]);
  });

  test("is GRUB's where GRUB started an EFI machine of Proxmox, though systemd-boot's file is there", () => {
    const links = { "/etc/kernel/proxmox-boot-uuids": "", "/sys/firmware/efi": "" };
    const files = {
      "/etc/kernel/cmdline": ["root=ZFS=rpool iommu=pt"],
      "/etc/default/grub": ['GRUB_CMDLINE_LINUX="nomodeset"'],
    };
    const startedWith = (line: string) => configured({ ...files, "/proc/cmdline": [line] }, links);
    expect(startedWith("BOOT_IMAGE=/vmlinuz-6.8.12-4-pve root=ZFS=rpool/ROOT/pve-1 ro")).toEqual(["nomodeset"]);
    expect(startedWith("initrd=\\EFI\\proxmox\\6.8.12-4-pve\\initrd.img root=ZFS=rpool")).toEqual([
      "root=ZFS=rpool",
      "iommu=pt",
    ]);
    expect(configured({ "/etc/default/grub": files["/etc/default/grub"] }, links)).toEqual({
      unknown: "there is no /etc/kernel/cmdline",
    });
  });

  test("of an unknown boot loader is unknown", () => {
    expect(configured({})).toEqual({ unknown: "there is no /etc/default/grub" });
  });
});

describe("kernels", () => {
  test("are ordered by number, and know what is left of removed ones", () => {
    const { kernels } = bootFacts(
      captureOf({
        files: {
          "/lib/modules/6.8.0-100-generic/modules.dep": [
            "updates/dkms/nvidia.ko.zst: kernel/x.ko.zst",
            "updates/dkms/nvidia-vgpu-vfio.ko.zst:",
          ],
          "/lib/modules/6.8.0-49-generic/modules.builtin": ["kernel/drivers/pci/pci-pf-stub.ko"],
        },
        links: {
          "/boot/vmlinuz-6.8.0-49-generic": "",
          "/boot/vmlinuz-6.8.0-100-generic": "",
          "/lib/modules/6.8.0-9-generic/build/Makefile": "",
        },
        modinfo: [
          "filename:       /lib/modules/6.8.0-100-generic/updates/dkms/nvidia.ko.zst",
          "version:        550.163.02",
        ],
      }),
    );
    expect(kernels.map(({ version }) => version)).toEqual(["6.8.0-9-generic", "6.8.0-49-generic", "6.8.0-100-generic"]);
    expect(kernels[0]).toMatchObject({ bootable: false, headers: true });
    expect(kernels[1]).toMatchObject({ bootable: true, headers: false, pciPfStub: true, nvidia: null });
    expect(kernels[2]).toMatchObject({ nvidia: "550.163.02", vgpuVfio: true });
  });

  test("with a module that modinfo tells nothing about have an unknown version", () => {
    const [kernel] = bootFacts(
      captureOf({ files: { "/lib/modules/6.1.0/modules.dep": ["extra/nvidia.ko:"] } }),
    ).kernels;
    expect(kernel?.nvidia).toEqual({ unknown: "modinfo reports no version of extra/nvidia.ko for 6.1.0" });
  });
});

describe("the boot loader specification", () => {
  const entry = (version: string, options = "root=/dev/sda ro") => [
    `title RHEL ${version}`,
    `version ${version}`,
    `linux /vmlinuz-${version}`,
    `options ${options}`,
  ];
  const next = (environment: string[]) =>
    bootFacts(
      captureOf({
        files: {
          "/boot/loader/entries/m-5.14.0-70.el9.conf": entry("5.14.0-70.el9"),
          "/boot/loader/entries/m-5.14.0-427.el9.conf": entry("5.14.0-427.el9", "$kernelopts $tuned_params"),
          "/boot/grub2/grubenv": environment,
        },
      }),
    ).next;

  test("takes the saved entry", () => {
    expect(next(["saved_entry=m-5.14.0-70.el9"]).kernel).toBe("5.14.0-70.el9");
  });
  test("takes the newest entry when none is saved, or the saved one is gone", () => {
    expect(next([]).kernel).toBe("5.14.0-427.el9");
    expect(next(["saved_entry=m-4.18.0"]).kernel).toBe("5.14.0-427.el9");
  });
  test("fills in the variables of grubenv", () => {
    expect(next(["kernelopts=root=/dev/sda intel_iommu=on "]).commandLine).toEqual(["root=/dev/sda", "intel_iommu=on"]);
  });
});

test("words that an earlier run changed are told, and nothing when it changed none", () => {
  const changed = (files: Record<string, string[]>) => bootFacts(captureOf({ files })).changedWords;
  expect(changed({ "/etc/nvidia-vgpu/kernel-words": ["-intel_iommu=off", "+intel_iommu=on"] })).toEqual([
    "-intel_iommu=off",
    "+intel_iommu=on",
  ]);
  expect(changed({})).toBeUndefined();
});

test("changes of the command line leave out what names the image", () => {
  const now = ["BOOT_IMAGE=/vmlinuz-1", "root=/dev/sda", "quiet", "nomodeset"];
  expect(commandLineChanges(now, ["root=UUID=1", "quiet", "intel_iommu=on"])).toEqual([
    "+intel_iommu=on",
    "-nomodeset",
  ]);
  expect(commandLineChanges(now, { unknown: "why" })).toEqual({ unknown: "why" });
});
