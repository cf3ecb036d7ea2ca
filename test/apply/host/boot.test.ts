import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Sandbox, shells, syntaxOf } from "./shell";

describe.each(shells)("under %s", (shell) => {
  let host: Sandbox;
  beforeEach(() => void (host = new Sandbox(shell)));
  afterEach(() => host.remove());

  test.each(["packages", "boot", "kernel-words", "proxmox-boot", "driver"])(
    "%s.sh is POSIX enough to be read",
    (part) => {
      expect(syntaxOf(shell, part)).toBe("");
    },
  );

  describe("words of the kernel's command line, with GRUB", () => {
    // As update-grub does it, for the two variables that matter.
    const updateGrub = (extra = "") =>
      [
        '. "$HOST/grub"; mkdir -p "$HOST/boot/grub"',
        `words="$GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT ${extra}"`,
        'echo "	linux	/boot/vmlinuz-1 root=UUID=1 ro $words" >"$HOST/boot/grub/grub.cfg"',
      ].join("\n");
    const set = "set_kernel_words update-grub intel_iommu=on iommu=pt";
    const restore = "restore_kernel_words update-grub";
    const withGrub = (text: string, extra?: string) =>
      host.write({ grub: text }).program("update-grub", `HOST=${host.root}\n${updateGrub(extra)}`);

    test("are added after the existing ones", () => {
      withGrub('GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="console=ttyS0"\n');
      expect(host.run(set)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub")).toBe(
        'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX="console=ttyS0 intel_iommu=on iommu=pt"\n',
      );
      expect(host.read("etc/kernel-words")).toBe("+intel_iommu=on\n+iommu=pt\n");
    });

    test.each([
      ['GRUB_CMDLINE_LINUX=""\n', 'GRUB_CMDLINE_LINUX="intel_iommu=on iommu=pt"\n'],
      ["GRUB_CMDLINE_LINUX=''\n", "GRUB_CMDLINE_LINUX='intel_iommu=on iommu=pt'\n"],
      ["GRUB_CMDLINE_LINUX=\n", 'GRUB_CMDLINE_LINUX="intel_iommu=on iommu=pt"\n'],
      ["GRUB_CMDLINE_LINUX=quiet\n", 'GRUB_CMDLINE_LINUX="quiet intel_iommu=on iommu=pt"\n'],
      ["GRUB_TIMEOUT=5\n", 'GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX="intel_iommu=on iommu=pt"\n'],
      [
        'GRUB_CMDLINE_LINUX="$OTHER resume=/dev/sda2 dyndbg=\\"file a.c +p\\""\n',
        'GRUB_CMDLINE_LINUX="$OTHER resume=/dev/sda2 dyndbg=\\"file a.c +p\\" intel_iommu=on iommu=pt"\n',
      ],
    ])("fit into %j", (before, after) => {
      withGrub(before);
      expect(host.run(set)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub")).toBe(after);
    });

    test("replace other values anywhere, which a restore brings back", () => {
      const before =
        'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=off"\nGRUB_CMDLINE_LINUX="intel_iommu=off console=ttyS0"\n';
      withGrub(before);
      expect(host.run(set)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub")).toBe(
        'GRUB_CMDLINE_LINUX_DEFAULT="quiet "\nGRUB_CMDLINE_LINUX="console=ttyS0 intel_iommu=on iommu=pt"\n',
      );
      expect(host.run(restore)).toMatchObject({ code: 0, err: "" });
      const words = host.read("boot/grub/grub.cfg").split(/\s+/);
      expect(words.filter((word) => word.includes("iommu")).sort()).toEqual(["intel_iommu=off", "iommu=off"]);
      expect(() => host.read("etc/kernel-words")).toThrow();
    });

    test("are set once, also by repeated steps", () => {
      withGrub('GRUB_CMDLINE_LINUX="quiet"\n');
      expect(host.run(`${set} && ${set} && ${set}`)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet intel_iommu=on iommu=pt"\n');
      expect(host.run(`${restore} && ${restore}`)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet"\n');
    });

    test("that others have set are not removed later", () => {
      withGrub('GRUB_CMDLINE_LINUX="intel_iommu=on"\n');
      expect(host.run(`${set} && ${restore}`)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="intel_iommu=on"\n');
    });

    test("that are the beginning of another word are not taken for it", () => {
      withGrub('GRUB_CMDLINE_LINUX="amd_iommu=off iommu.passthrough=1 intel_iommu=on,sm_on"\n');
      expect(host.run(set)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub")).toBe(
        'GRUB_CMDLINE_LINUX="amd_iommu=off iommu.passthrough=1 intel_iommu=on iommu=pt"\n',
      );
      expect(host.read("etc/kernel-words")).toContain("-intel_iommu=on,sm_on\n");
    });

    test("that a drop-in removes again are an error", () => {
      withGrub('GRUB_CMDLINE_LINUX="intel_iommu=off"\n', "intel_iommu=off");
      const { code, err } = host.run(set);
      expect(code).not.toBe(0);
      expect(err).toContain("still has intel_iommu=off");
    });

    test("that GRUB did not use are an error", () => {
      host
        .write({ grub: 'GRUB_CMDLINE_LINUX="quiet"\n', "boot/grub/grub.cfg": "	linux	/vmlinuz ro quiet\n" })
        .program("update-grub");
      const { code, err } = host.run(set);
      expect(code).not.toBe(0);
      expect(err).toContain("the next boot is without intel_iommu=on");
    });

    test.each([
      ['  GRUB_CMDLINE_LINUX="crashkernel=512M mitigations=off"\n'],
      ['export GRUB_CMDLINE_LINUX="root=ZFS=rpool boot=zfs console=ttyS0"\n'],
      ['GRUB_CMDLINE_LINUX="quiet" # the "console"\n'],
      ["GRUB_CMDLINE_LINUX= # none\n"],
    ])("that could only be changed with others stay as they are: %j", (text) => {
      withGrub(text).run("update-grub");
      const menu = host.read("boot/grub/grub.cfg");
      expect(host.run(set).code).not.toBe(0);
      expect(host.read("grub")).toBe(text);
      expect(host.read("boot/grub/grub.cfg")).toBe(menu);
    });

    test("are added to those that the administrator wrote and GRUB had not used yet", () => {
      withGrub('GRUB_CMDLINE_LINUX="quiet splash"\n').write({
        "boot/grub/grub.cfg": "	linux	/boot/vmlinuz-1 root=UUID=1 ro quiet\n",
      });
      expect(host.run(set).code).toBe(0);
      expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet splash intel_iommu=on iommu=pt"\n');
    });

    test("may have special characters of sed", () => {
      withGrub('GRUB_CMDLINE_LINUX="quiet iommu=^b[c].*/d"\n');
      expect(host.run(set)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet intel_iommu=on iommu=pt"\n');
    });

    describe("that are only added, where GRUB's configuration has parts", () => {
      const part = "grub.d/zz-nvidia-vgpu.cfg";
      const withParts = (text: string, extra = "") =>
        host
          .write({ grub: text, "grub-mkconfig": "for x in ${sysconfdir}/default/grub.d/*.cfg ; do\n" })
          .program(
            "update-grub",
            `HOST=${host.root}\n${updateGrub(extra).replace('"$HOST/grub"', '"$HOST/grub"; for part in "$HOST"/grub.d/*.cfg; do [ ! -e "$part" ] || . "$part"; done')}`,
          );
      const menu = () => host.read("boot/grub/grub.cfg").trim().split(/\s+/);

      test.each([
        ['GRUB_CMDLINE_LINUX="quiet"\n'],
        ['  GRUB_CMDLINE_LINUX="crashkernel=512M mitigations=off"\n'],
        ['export GRUB_CMDLINE_LINUX="root=ZFS=rpool boot=zfs console=ttyS0"\n'],
        ['GRUB_CMDLINE_LINUX="quiet" # the "console"\n'],
        ["GRUB_CMDLINE_LINUX= # none\n"],
        ["GRUB_TIMEOUT=5\n"],
      ])("come in one of their own, and all else stays: %j", (text) => {
        withParts(text).run("update-grub");
        const before = menu();
        expect(host.run(`${set} && ${set}`)).toMatchObject({ code: 0, err: "" });
        expect(host.read("grub")).toBe(text);
        expect(host.read(part)).toMatch(
          /^# Written by pulumi-nvidia-vgpu.*\nGRUB_CMDLINE_LINUX="\$GRUB_CMDLINE_LINUX intel_iommu=on iommu=pt"\n$/,
        );
        expect(menu().sort()).toEqual([...before, "intel_iommu=on", "iommu=pt"].sort());
        expect(host.run(`${restore} && ${restore}`)).toMatchObject({ code: 0, err: "" });
        expect(existsSync(join(host.root, "grub.d"))).toBe(false);
        expect(host.read("grub")).toBe(text);
        expect(menu()).toEqual(before);
      });

      test("leave an existing folder, and other files in it", () => {
        withParts('GRUB_CMDLINE_LINUX="quiet"\n');
        mkdirSync(join(host.root, "grub.d"));
        expect(host.run(`${set} && ${restore}`)).toMatchObject({ code: 0, err: "" });
        expect(readdirSync(join(host.root, "grub.d"))).toEqual([]);
        rmdirSync(join(host.root, "grub.d"));
        expect(host.run(set)).toMatchObject({ code: 0, err: "" });
        host.write({ "grub.d/90-other.cfg": "GRUB_TIMEOUT=5\n" });
        expect(host.run(`${set} && ${restore}`)).toMatchObject({ code: 0, err: "" });
        expect(readdirSync(join(host.root, "grub.d"))).toEqual(["90-other.cfg"]);
      });

      test("are put back with their folder if they cannot be removed", () => {
        withParts('GRUB_CMDLINE_LINUX="quiet"\n');
        expect(host.run(set)).toMatchObject({ code: 0, err: "" });
        const written = host.read(part);
        host.program("update-grub", "exit 1");
        expect(host.run(restore).code).toBe(1);
        expect(host.read(part)).toBe(written);
        expect(host.read("etc/kernel-words")).toBe("+intel_iommu=on\n+iommu=pt\n");
      });

      test("are removed again if the menu has other changes, too", () => {
        withParts('GRUB_CMDLINE_LINUX="quiet"\n').run("update-grub");
        const before = menu();
        withParts('GRUB_CMDLINE_LINUX="quiet"\n', '$([ ! -e "$HOST/grub.d/zz-nvidia-vgpu.cfg" ] || echo nomodeset)');
        expect(host.run(set)).toMatchObject({
          code: 1,
          err: expect.stringContaining("would change in other words, too: +nomodeset. Everything is unchanged"),
        });
        expect(() => host.read(part)).toThrow();
        expect(menu()).toEqual(before);
      });

      test("are not added if another value remains", () => {
        const text = '  GRUB_CMDLINE_LINUX="quiet intel_iommu=off"\n';
        withParts(text).run("update-grub");
        expect(host.run(set)).toMatchObject({
          code: 1,
          err: expect.stringContaining("would have both intel_iommu=off and intel_iommu=on"),
        });
        expect(() => host.read(part)).toThrow();
        expect(host.read("grub")).toBe(text);
        expect(menu()).not.toContain("intel_iommu=on");
      });

      test("are edited into the file if another value has to be replaced, and a restore removes both kinds", () => {
        const before = 'GRUB_CMDLINE_LINUX="quiet intel_iommu=off"\n';
        withParts(before);
        expect(host.run(set)).toMatchObject({ code: 0, err: "" });
        expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet intel_iommu=on iommu=pt"\n');
        expect(() => host.read(part)).toThrow();
        expect(host.run(restore)).toMatchObject({ code: 0, err: "" });
        expect(host.read("grub")).toBe(before);
      });

      test("that an earlier version edited into the file are removed", () => {
        withParts('GRUB_CMDLINE_LINUX="quiet intel_iommu=on iommu=pt"\n').write({
          "etc/kernel-words": "+intel_iommu=on\n+iommu=pt\n",
        });
        expect(host.run(restore)).toMatchObject({ code: 0, err: "" });
        expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet"\n');
      });
    });

    test("fail the step if the tool fails, and leave nothing behind", () => {
      host
        .write({ grub: 'GRUB_CMDLINE_LINUX="quiet"\n' })
        .program("update-grub", "echo cannot find a device >&2; exit 1");
      expect(host.run(set)).toMatchObject({ code: 1, out: expect.stringContaining("cannot find a device") });
      expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet"\n');
      expect(existsSync(join(host.root, "etc"))).toBe(false);
    });

    test("that could not be set leave the notes of an earlier run unchanged", () => {
      const text = 'GRUB_CMDLINE_LINUX="quiet intel_iommu=on"\n';
      host.write({ grub: text, "etc/kernel-words": "+intel_iommu=on\n" }).program("update-grub", "exit 1");
      expect(host.run(set).code).toBe(1);
      expect(host.read("grub")).toBe(text);
      expect(readdirSync(join(host.root, "etc"))).toEqual(["kernel-words"]);
      expect(host.read("etc/kernel-words")).toBe("+intel_iommu=on\n");
    });

    test("that could not be removed again keep their notes", () => {
      host.program(
        "grubby",
        `case $* in --info*) cat "${host.root}/args" ;; *) echo 'args="ro intel_iommu=on"' >"${host.root}/args"; exit 1 ;; esac`,
      );
      host.write({ args: 'args="ro"\n' });
      expect(host.run("set_kernel_words grubby intel_iommu=on").code).toBe(1);
      expect(host.read("etc/kernel-words")).toBe("+intel_iommu=on\n");
    });
  });

  describe("words of the kernel's command line, on Proxmox", () => {
    const startedBy = {
      grub: "BOOT_IMAGE=/vmlinuz-6.8-pve root=ZFS=rpool/ROOT/pve-1 ro\n",
      uefi: "initrd=\\EFI\\proxmox\\6.8-pve\\initrd.img-6.8-pve root=ZFS=rpool/ROOT/pve-1\n",
    };
    const set = "set_kernel_words proxmox-boot-tool amd_iommu=on iommu=pt";
    const restore = "restore_kernel_words proxmox-boot-tool";
    const cmdline = "root=ZFS=rpool/ROOT/pve-1 boot=zfs amd_iommu=off\n";
    const grub = 'GRUB_CMDLINE_LINUX="quiet amd_iommu=off"\n';

    /** Each partition is a folder, which stands for its mount; proxmox-boot-tool does there what it does on Proxmox. */
    const withPartitions = (startedWith: string, status: string, partitions: Record<string, "grub" | "uefi">) => {
      host.write({
        "started-with": startedWith,
        cmdline,
        grub,
        "proxmox-boot-uuids": Object.keys(partitions)
          .map((uuid) => `${uuid}\n`)
          .join(""),
      });
      const refresh = Object.entries(partitions).map(([uuid, loader]) =>
        loader === "uefi"
          ? `mkdir -p esp/${uuid}/loader/entries; echo "options  $(cat cmdline)" >esp/${uuid}/loader/entries/proxmox-6.8.conf`
          : `mkdir -p esp/${uuid}/grub; . ./grub; echo "  linux /vmlinuz-6.8-pve root=ZFS=rpool ro $GRUB_CMDLINE_LINUX" >esp/${uuid}/grub/grub.cfg`,
      );
      host.program(
        "proxmox-boot-tool",
        `cd ${host.root}\ncase $1 in\nstatus) cat <<'END'\n${status}\nEND\n;;\nrefresh) ${refresh.join("\n")} ;;\nesac`,
      );
      return host
        .program("unshare", 'shift; exec "$@"')
        .program("mount", `[ "$1" = -o ] && shift 2; rm -rf "$2"; cp -r "${host.root}/esp/\${1##*/}" "$2"`);
    };
    const uefi = () =>
      withPartitions(
        startedBy.uefi,
        "System currently booted with uefi\nA1B2-C3D4 is configured with: uefi (versions: 6.5-pve, 6.8-pve)",
        { "A1B2-C3D4": "uefi" },
      );
    const legacy = (status = "A1B2-C3D4 is configured with: grub (versions: 6.8-pve)") =>
      withPartitions(startedBy.grub, status, { "A1B2-C3D4": "grub" });

    test("are written to the file of systemd-boot if that starts the host", () => {
      uefi();
      expect(host.run(set)).toMatchObject({ code: 0, err: "" });
      expect(host.read("cmdline")).toBe("root=ZFS=rpool/ROOT/pve-1 boot=zfs amd_iommu=on iommu=pt\n");
      expect(host.read("grub")).toBe(grub);
      expect(host.run(restore)).toMatchObject({ code: 0, err: "" });
      expect(host.read("cmdline")).toBe(cmdline);
    });

    test("are verified in the file of systemd-boot if the partitions cannot be read", () => {
      uefi().program("mount", "exit 32");
      expect(host.run(set)).toMatchObject({ code: 0, err: "" });
      expect(host.read("cmdline")).toContain("amd_iommu=on iommu=pt");
    });

    test.each(["grub", "grub (versions: 6.8-pve)"])(
      "go into GRUB's files where that starts the host (%s), whatever systemd-boot's file has",
      (loader) => {
        legacy(`A1B2-C3D4 is configured with: ${loader}`);
        host.write({ cmdline: "root=ZFS=rpool amd_iommu=on iommu=pt\n" });
        expect(host.run(set)).toMatchObject({ code: 0, err: "" });
        expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet amd_iommu=on iommu=pt"\n');
        expect(host.read("cmdline")).toBe("root=ZFS=rpool amd_iommu=on iommu=pt\n");
        expect(host.run(restore)).toMatchObject({ code: 0, err: "" });
        expect(host.read("grub")).toBe(grub);
      },
    );

    test.each(["uefi (versions: 6.8-pve), grub", "uefi,grub"])(
      "go into the files of both where both are set up: %s",
      (loaders) => {
        legacy(`A1B2-C3D4 is configured with: ${loaders}`);
        expect(host.run(set)).toMatchObject({ code: 0, err: "" });
        expect(host.read("grub")).toContain("amd_iommu=on iommu=pt");
        expect(host.read("cmdline")).toBe("root=ZFS=rpool/ROOT/pve-1 boot=zfs amd_iommu=on iommu=pt\n");
      },
    );

    test("are written to a file of their own if GRUB reads such files", () => {
      legacy();
      host.write({ grub: 'GRUB_CMDLINE_LINUX="quiet"\n', "grub-mkconfig": "/default/grub.d/*.cfg" });
      host.write({
        "bin/proxmox-boot-tool": host
          .read("bin/proxmox-boot-tool")
          .replace(". ./grub;", ". ./grub; for part in grub.d/*.cfg; do [ ! -e $part ] || . ./$part; done;"),
      });
      expect(host.run(set)).toMatchObject({ code: 0, err: "" });
      expect(host.read("grub.d/zz-nvidia-vgpu.cfg")).toContain("$GRUB_CMDLINE_LINUX amd_iommu=on iommu=pt");
      expect(host.run(restore)).toMatchObject({ code: 0, err: "" });
      expect(() => host.read("grub.d/zz-nvidia-vgpu.cfg")).toThrow();
      expect(host.read("grub")).toBe('GRUB_CMDLINE_LINUX="quiet"\n');
    });

    test.each([
      [
        "a partition that was left out",
        "case $1 in status) echo 'A is configured with: grub' ;; esac",
        "without amd_iommu=on",
      ],
      [
        "partitions that cannot be read",
        "case $1 in status) echo 'A is configured with: grub' ;; *) rm -r esp ;; esac",
        "cannot be read",
      ],
    ])("are an error on %s, and everything is unchanged", (_, tool, seen) => {
      legacy().run("proxmox-boot-tool refresh");
      host.program("proxmox-boot-tool", `cd ${host.root}\n${tool}`);
      expect(host.run(set)).toMatchObject({ code: 1, err: expect.stringContaining(seen) });
      expect([host.read("grub"), host.read("cmdline")]).toEqual([grub, cmdline]);
    });

    test("are an error if one of two partitions does not have them", () => {
      withPartitions(startedBy.grub, "A is configured with: grub\nB is configured with: grub", { A: "grub" });
      host.write({
        "proxmox-boot-uuids": "A\nB\n",
        "esp/B/grub/grub.cfg": "	linux /vmlinuz-6.8-pve root=ZFS=rpool ro quiet\n",
      });
      expect(host.run(set)).toMatchObject({ code: 1, err: expect.stringContaining("different command lines") });
      expect(host.read("grub")).toBe(grub);
    });

    test.each([
      ["names no loader", startedBy.grub, ""],
      [
        "names another loader than the one that started the host",
        startedBy.grub,
        "A is configured with: uefi (versions: 6.8-pve)",
      ],
      [
        "names two, and the kernel's line has no sign of either",
        "root=ZFS=rpool\n",
        "A is configured with: uefi (versions: 6.8-pve), grub",
      ],
    ])("are not changed when proxmox-boot-tool %s", (_, startedWith, status) => {
      withPartitions(startedWith, status, { A: "grub" });
      expect(host.run(set)).toMatchObject({
        code: 1,
        err: expect.stringContaining("cannot be told whether GRUB or systemd-boot starts this host"),
      });
      expect([host.read("grub"), host.read("cmdline")]).toEqual([grub, cmdline]);
      expect(host.read("calls")).toBe("proxmox-boot-tool status\n");
      expect(() => host.read("etc/kernel-words")).toThrow();
    });
  });

  test("words of the kernel's command line are given to grubby", () => {
    host.write({ args: "ro intel_iommu=off" }).program(
      "grubby",
      `cd ${host.root}
        case $1 in
        --info=DEFAULT) printf 'index=0\\nargs="%s"\\n' "$(cat args)" ;;
        *) echo "ro intel_iommu=on iommu=pt" >args ;;
        esac`,
    );
    expect(host.run("set_kernel_words grubby intel_iommu=on iommu=pt")).toMatchObject({ code: 0, err: "" });
    expect(host.read("calls")).toContain(
      "grubby --update-kernel=ALL --remove-args=intel_iommu=off  --args=intel_iommu=on iommu=pt \n",
    );
  });

  test("the blacklist of nouveau names its author, and is removed again", () => {
    expect(host.run("blacklist_nouveau && blacklist_nouveau").code).toBe(0);
    const [comment, ...lines] = host.read("blacklist.conf").split("\n");
    expect(comment).toMatch(/^# Written by pulumi-nvidia-vgpu/);
    expect(lines).toEqual([
      "blacklist nouveau",
      "blacklist nova_core",
      "blacklist nova_drm",
      "options nouveau modeset=0",
      "",
    ]);
    expect(host.run("allow_nouveau && allow_nouveau").code).toBe(0);
    expect(() => host.read("blacklist.conf")).toThrow();
  });

  test("a blacklist with a date in the future gets the current time before the initramfs is built", () => {
    const { root } = host;
    host
      .write({ "modprobe.d/a.conf": "blacklist nouveau\n", "boot/.kept": "" })
      .program("update-initramfs", `sleep 0.1; : >${root}/boot/initrd.img-6.1`);
    const { code, out } = host.run(
      `touch -d 2040-02-03 ${root}/modprobe.d/a.conf; rebuild_initramfs update-initramfs 6.1 && [ ${root}/boot/initrd.img-6.1 -nt ${root}/modprobe.d/a.conf ]`,
    );
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining("modprobe.d/a.conf is dated in the future"),
    });
  });

  describe("the initramfs", () => {
    test.each([
      ["update-initramfs", "initrd.img-6.1", "update-initramfs -u -k 6.1\n"],
      ["dracut", "initramfs-6.1.img", "dracut --force --kver 6.1\n"],
      ["dracut", "initrd-6.1", "dracut --force --kver 6.1\n"],
      ["dracut", "0123abcd/6.1/initrd", "dracut --force --kver 6.1\n"],
      ["dracut", "efi/0123abcd/6.1/initrd", "dracut --force --kver 6.1\n"],
      ["dracut", "efi/EFI/Linux/0123abcd-6.1.efi", "dracut --force --kver 6.1\n"],
    ])("is made by %s as %s", (tool, image, call) => {
      host.write({ [`boot/${image}`]: "old" }).program(tool, `sleep 0.05; echo new >${host.root}/boot/${image}`);
      expect(host.run(`rebuild_initramfs ${tool} 6.1`)).toMatchObject({ code: 0, err: "" });
      expect(host.read("calls")).toBe(call);
    });

    test("that was not built is an error", () => {
      host.write({ "boot/initrd.img-6.1": "old" }).program("update-initramfs");
      expect(host.run("rebuild_initramfs update-initramfs 6.1")).toMatchObject({
        code: 1,
        err: expect.stringContaining("no new initramfs"),
      });
    });
  });

  describe("packages", () => {
    const installed = (packages: string) =>
      `case " ${packages} " in *" $4 "*) echo "install ok installed";; *) echo "no packages found" >&2; exit 1;; esac`;

    test("are installed without questions, and lists are updated only if that fails", () => {
      host.program("apt-get", `[ "$5" != install ] || [ -e ${host.root}/lists ] || exit 100; touch ${host.root}/lists`);
      host.program("dpkg-query", installed("gcc make"));
      const { code, err } = host.run("install_packages apt-get gcc make");
      expect({ code, err }).toEqual({ code: 0, err: "" });
      const verbs = host
        .read("calls")
        .split("\n")
        .filter((line) => line.startsWith("apt-get"))
        .map((line) => line.split(" ")[5]);
      expect(verbs).toEqual(["install", "update", "install"]);
    });

    test("are installed although the lists of one repository cannot be updated", () => {
      const { root } = host;
      host.program(
        "apt-get",
        `case $* in
        *' update') touch ${root}/lists; echo 'E: Failed to fetch https://enterprise.example/dists/x/InRelease  401  Unauthorized'; exit 100 ;;
        *) [ -e ${root}/lists ] || { echo 'E: Unable to locate package gcc'; exit 100; } ;;
      esac`,
      );
      host.program("dpkg-query", installed("gcc"));
      expect(host.run("install_packages apt-get gcc")).toMatchObject({ code: 0, err: "" });
    });

    test("are installed by dnf although one repository cannot be read", () => {
      host
        .program("rpm")
        .program(
          "dnf",
          `case $* in *skip_if_unavailable*) ;; *) echo "Error: Failed to download metadata for repo 'x'"; exit 1 ;; esac`,
        );
      expect(host.run("install_packages dnf gcc")).toMatchObject({ code: 0, err: "" });
      expect(host.read("calls")).toContain("dnf -y --setopt=*.skip_if_unavailable=1 install gcc\n");
    });

    test("are installed after an interrupted dpkg, which is finished first", () => {
      const { root } = host;
      host.write({ "updates/0001": "" }).program("dpkg", `[ "$*" = "--configure -a" ] && rm ${root}/updates/0001`);
      host.program("apt-get", `[ ! -e ${root}/updates/0001 ] || { echo "E: dpkg was interrupted"; exit 100; }`);
      host.program("dpkg-query", installed("gcc"));
      expect(host.run("install_packages apt-get gcc")).toMatchObject({ code: 0, err: "" });
    });

    test("are not installed if others would have to be removed, which are named", () => {
      host.program(
        "apt-get",
        `case $* in
        *' -s '* | '-s '*) printf '%s\\n' 'Inst gcc (1)' 'Remv gcc-9-cross [9.3]' 'Remv old-tool [1]' ;;
        *--no-remove*) echo 'E: Packages need to be removed but remove is disabled.'; exit 100 ;;
      esac`,
      );
      expect(host.run("install_packages apt-get gcc make")).toMatchObject({
        code: 1,
        err: "apt-get would have to remove gcc-9-cross old-tool for gcc make\n",
      });
      expect(host.read("calls")).toMatch(/ install --no-remove --no-install-recommends gcc make$/m);
    });

    test("of a kernel of SUSE are those of its version and not the newest, or the failure says so", () => {
      const rows = [
        "S | Name                 | Type    | Version                | Arch   | Repository",
        "--+--",
        ...["6.4.0-150600.23.30.1", "6.4.0-150600.23.25.1", "6.4.0-150600.23.2.1"].map(
          (version) => `  | kernel-default-devel | package | ${version} | x86_64 | Updates`,
        ),
      ];
      host.write({ "kernels/6.4.0-150600.23.25-default/build/Makefile": "" });
      host
        .program("rpm")
        .program(
          "zypper",
          `case $* in *search*) cat <<'END'\n${rows.join("\n")}\nEND\n;; esac`.replaceAll("\\n", "\n"),
        );
      const install = (version: string) => host.run(`install_packages zypper gcc kernel-default-devel=${version}`);
      expect(install("6.4.0-150600.23.25")).toMatchObject({ code: 0, err: "" });
      expect(host.read("calls")).toContain("install --no-recommends gcc kernel-default-devel=6.4.0-150600.23.25.1\n");
      expect(host.read("calls")).toContain("rpm -q --quiet --whatprovides kernel-default-devel\n");
      expect(install("6.4.0-150600.23.7")).toMatchObject({
        code: 1,
        err: "zypper installed headers of another kernel than 6.4.0-150600.23.7-default\n",
      });
      expect(host.read("calls")).toContain("install --no-recommends gcc kernel-default-devel=6.4.0-150600.23.7\n");
    });

    test("that are missing afterwards are an error", () => {
      host.program("dnf").program("rpm", "case $* in *kernel-devel*) exit 1;; esac");
      expect(host.run("install_packages dnf gcc kernel-devel-5.14")).toMatchObject({
        code: 1,
        err: expect.stringContaining("kernel-devel-5.14 is not installed"),
      });
      expect(host.read("calls")).toContain("dnf -y install gcc kernel-devel-5.14\n");
    });

    test("that no repository has are named, with the message of the package manager", () => {
      host.program("zypper", "echo \"No provider of 'kernel-default-devel' found.\"; exit 104");
      const { code, out, err } = host.run("install_packages zypper kernel-default-devel");
      expect(code).toBe(1);
      expect(out).toContain("No provider");
      expect(err).toMatch(/^zypper could not install kernel-default-devel\S*\n$/);
    });
  });
});
