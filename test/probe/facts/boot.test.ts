import { describe, expect, test } from "vitest";
import { bootFacts, commandLineChanges } from "../../../provider/probe/facts/boot";
import { captureOf } from "../capture-of";

describe("the configured command line", () => {
  const configured = (files: Record<string, string[]>, links: Record<string, string> = {}) =>
    bootFacts(captureOf({ files, links })).configured;

  test("is merged from GRUB's files, of which the last counts", () => {
    expect(
      configured({
        "/etc/default/grub": ['GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"', "GRUB_CMDLINE_LINUX='intel_iommu=on'"],
        "/etc/default/grub.d/10-console.cfg": ['GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX console=ttyS0"'],
        "/etc/default/grub.d/50-quiet.cfg": ["GRUB_CMDLINE_LINUX_DEFAULT="],
      }),
    ).toEqual(["intel_iommu=on", "console=ttyS0"]);
  });

  test("is /etc/kernel/cmdline if proxmox-boot-tool manages systemd-boot, and GRUB's if it manages GRUB", () => {
    const files = {
      "/etc/kernel/cmdline": ["root=ZFS=rpool iommu=pt"],
      "/etc/default/grub": ['GRUB_CMDLINE_LINUX="nomodeset"'],
    };
    const tool = { "/etc/kernel/proxmox-boot-uuids": "" };
    expect(configured(files, { ...tool, "/sys/firmware/efi": "" })).toEqual(["root=ZFS=rpool", "iommu=pt"]);
    expect(configured(files, tool)).toEqual(["nomodeset"]);
  });

  test("is GRUB's if GRUB started a Proxmox host with EFI, even if /etc/kernel/cmdline exists", () => {
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

  test("is unknown for an unknown boot loader", () => {
    expect(configured({})).toEqual({ unknown: "there is no /etc/default/grub" });
  });
});

describe("kernels", () => {
  test("are sorted by number, and include the remains of removed ones", () => {
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

  test("have an unknown driver version if modinfo does not report it", () => {
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

  test("starts the saved entry", () => {
    expect(next(["saved_entry=m-5.14.0-70.el9"]).kernel).toBe("5.14.0-70.el9");
  });
  test("starts the newest entry if none is saved, or the saved one is missing", () => {
    expect(next([]).kernel).toBe("5.14.0-427.el9");
    expect(next(["saved_entry=m-4.18.0"]).kernel).toBe("5.14.0-427.el9");
  });
  test("expands the variables of grubenv", () => {
    expect(next(["kernelopts=root=/dev/sda intel_iommu=on "]).commandLine).toEqual(["root=/dev/sda", "intel_iommu=on"]);
  });
});

test("changed words of an earlier run are facts, and left out if there are none", () => {
  const changed = (files: Record<string, string[]>) => bootFacts(captureOf({ files })).changedWords;
  expect(changed({ "/etc/nvidia-vgpu/kernel-words": ["-intel_iommu=off", "+intel_iommu=on"] })).toEqual([
    "-intel_iommu=off",
    "+intel_iommu=on",
  ]);
  expect(changed({})).toBeUndefined();
});

test("changes of the command line leave out words that name the image", () => {
  const now = ["BOOT_IMAGE=/vmlinuz-1", "root=/dev/sda", "quiet", "nomodeset"];
  expect(commandLineChanges(now, ["root=UUID=1", "quiet", "intel_iommu=on"])).toEqual([
    "+intel_iommu=on",
    "-nomodeset",
  ]);
  expect(commandLineChanges(now, { unknown: "why" })).toEqual({ unknown: "why" });
});
