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

describe("the kernel of an entry", () => {
  const installed = "6.11.0-0.rc5.23.el10.x86_64";
  const next = (lines: string[], modules: string[] = [installed]) =>
    bootFacts(
      captureOf({
        files: {
          "/boot/loader/entries/ostree-1.conf": lines,
          ...Object.fromEntries(modules.map((version) => [`/lib/modules/${version}/modules.dep`, ["kernel/x.ko:"]])),
        },
      }),
    ).next.kernel;

  test.each([
    [
      "the path of ostree, whose version counts deployments",
      ["version 1", `linux /boot/ostree/default-93f5/vmlinuz-${installed}`],
    ],
    ["a path with the version as a folder", ["version 7", `linux /0123abcd/${installed}/linux`]],
    [
      "a path with the version as a folder before a digest",
      ["version 4", `linux /opensuse-microos/${installed}/linux-9f0c`],
    ],
    ["a unified kernel image", [`uki /EFI/Linux/0123abcd-${installed}.efi`]],
    ["a version of an installed kernel, where the path has none", [`version ${installed}`, "linux /vmlinuz-linux"]],
  ])("is read from %s", (_, lines) => {
    expect(next(lines)).toBe(installed);
  });

  test("is the longest that fits", () => {
    expect(next(["linux /vmlinuz-6.1.0-rt1"], ["6.1.0", "6.1.0-rt1", "1.0-rt1"])).toBe("6.1.0-rt1");
  });

  test("is never a label", () => {
    expect(next(["version 1", "linux /vmlinuz-linux"])).toEqual({
      unknown: "the image /vmlinuz-linux names no kernel version",
    });
    expect(next(["version 1"])).toHaveProperty("unknown");
  });

  test("is an installed one only if it has modules", () => {
    const { kernels } = bootFacts(
      captureOf({
        files: { "/lib/modules/6.9.0/modules.dep": ["kernel/x.ko:"] },
        links: { "/boot/vmlinuz-linux": "", "/boot/vmlinuz-0-rescue-0123abcd": "", "/boot/vmlinuz-6.9.0": "" },
      }),
    );
    expect(kernels.map(({ version, bootable }) => [version, bootable])).toEqual([["6.9.0", true]]);
  });
});

describe("the boot loader", () => {
  const entries = { "/boot/loader/entries/a.conf": ["linux /vmlinuz-6.1.0-1"] };
  const grub = { "/etc/default/grub": ['GRUB_CMDLINE_LINUX="quiet"'] };
  const boot = (files: Record<string, string[]>, links: Record<string, string> = {}) =>
    bootFacts(captureOf({ files, links }));

  test("is systemd-boot where its traces are, although GRUB is installed", () => {
    const files = { ...entries, ...grub, "/etc/kernel/cmdline": ["root=UUID=1 iommu=pt"] };
    const byWords = boot({ ...files, "/proc/cmdline": ["initrd=\\a\\6.1.0-1\\initrd root=UUID=1"] });
    expect(byWords).toMatchObject({ loader: "systemd-boot", configured: ["root=UUID=1", "iommu=pt"] });
    expect(byWords.next.kernel).toBe("6.1.0-1");
    const variable = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
    const utf16 = [..."systemd-boot 252"].join("\t");
    expect(boot({ ...files, [variable]: [`\x06\t\t\t${utf16}\t\t`] }).loader).toBe("systemd-boot");
  });

  test("leaves the next kernel unknown if systemd-boot may start one of several", () => {
    const two = { ...entries, "/efi/loader/entries/b.conf": ["linux /b/vmlinuz-6.2.0-1"] };
    expect(boot({ ...two, "/proc/cmdline": ["initrd=\\initrd"] }).next.kernel).toHaveProperty("unknown");
  });

  test("is neither of them where GRUB reads no menu in /boot, as grub2-bls of SUSE", () => {
    const ofSuse = boot({
      ...grub,
      "/boot/efi/loader/entries/sl-1-6.12.0-1-default.conf": ["linux /sl/6.12.0-1-default/linux-9f0c"],
      "/lib/modules/6.12.0-1-default/modules.dep": ["kernel/x.ko:"],
      "/etc/kernel/cmdline": ["root=UUID=1 quiet"],
      "/proc/cmdline": ["BOOT_IMAGE=/sl/6.12.0-1-default/linux-9f0c root=UUID=1 quiet"],
    });
    expect(ofSuse).toMatchObject({
      loader: "other",
      next: { kernel: "6.12.0-1-default" },
      configured: ["root=UUID=1", "quiet"],
    });
  });

  test("is GRUB with a menu of its own, although another loader has entry files", () => {
    const menu = { "/boot/grub/grub.cfg": ["menuentry 'x' {", " linux /vmlinuz-6.2.0-1 quiet"] };
    const started = { "/proc/cmdline": ["BOOT_IMAGE=/vmlinuz-6.2.0-1 quiet"] };
    expect(boot({ ...entries, ...grub, ...menu, ...started })).toMatchObject({
      loader: "grub",
      next: { kernel: "6.2.0-1" },
    });
    expect(boot({ ...entries, ...grub, "/boot/grub/grub.cfg": ["blscfg"] }).loader).toBe("grub-bls");
  });
});

describe("the package of a kernel", () => {
  const version = "6.8.0-49-generic";
  const packageOf = (files: Record<string, string[]>, answers: string[] = []) =>
    bootFacts(
      captureOf({
        files: { [`/lib/modules/${version}/modules.dep`]: ["kernel/x.ko:"], ...files },
        links: { [`/boot/vmlinuz-${version}`]: "" },
        "kernel-packages": answers,
      }),
    ).kernels[0]?.package;
  const list = (name: string, kernel = version) => ({
    [`/var/lib/dpkg/info/${name}.list`]: [`/boot/vmlinuz-${kernel}`],
  });

  test("is read from dpkg's lists, and from rpm", () => {
    expect(packageOf(list(`linux-image-unsigned-${version}`))).toBe(`linux-image-unsigned-${version}`);
    expect(packageOf(list("raspberrypi-kernel:arm64"))).toBe("raspberrypi-kernel");
    expect(packageOf({}, ["error: file /boot/x: No such file", `kernel\t${version}\tkernel-rt-core`])).toBe(
      "kernel-rt-core",
    );
  });
  test("is none for a kernel that was compiled by hand", () => {
    expect(packageOf(list("linux-image-6.8.0-50-generic", "6.8.0-50-generic"))).toBeNull();
    expect(packageOf({}, [`file /boot/vmlinuz-${version} is not owned by any package`])).toBeNull();
  });
  test("is unknown if neither was read", () => {
    expect(packageOf({})).toHaveProperty("unknown");
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
  const deployments = ["ostree=/ostree/boot.1/a/0", "rootflags=subvol=@/.snapshots/5/snapshot", "quiet"];
  expect(commandLineChanges(deployments, ["ostree=/ostree/boot.0/b/0", "quiet"])).toEqual([]);
  expect(commandLineChanges(now, { unknown: "why" })).toEqual({ unknown: "why" });
});
