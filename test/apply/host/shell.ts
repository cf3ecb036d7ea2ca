import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { idleSignsForShell } from "../../../provider/model/idle-signs";

const library = join(__dirname, "../../../provider/apply/host");

/** The shells that hosts have as /bin/sh, as far as this machine has them. */
export const shells = ["dash", "bash"].filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0);

/** A folder that stands for a host's files, and programs that stand for its tools. */
export class Sandbox {
  readonly root = mkdtempSync(join(tmpdir(), "host-library-"));

  constructor(readonly shell: string) {
    mkdirSync(join(this.root, "bin"));
  }

  /** Paths begin at the root. */
  write(files: Record<string, string>): this {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
    return this;
  }

  read = (path: string): string => readFileSync(join(this.root, path), "utf8");

  /** A program of the host, as lines of sh; its calls are in `calls`. */
  program(name: string, script = ""): this {
    const path = join(this.root, "bin", name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>"${this.root}/calls"\n${script}\n`, { mode: 0o755 });
    return this;
  }

  /** Runs lines after the library, whose paths are set to be below the root. */
  run(
    script: string,
    parts = [
      "common",
      "whole-files",
      "hold",
      "in-use",
      "definitions",
      "packages",
      "boot",
      "kernel-words",
      "proxmox-boot",
      "reboot",
      "driver",
    ],
  ): { code: number | null; out: string; err: string } {
    const r = this.root;
    const lines = [
      idleSignsForShell(),
      ...parts.map((part) => `. ${library}/${part}.sh`),
      `nouveau_blacklist=${r}/blacklist.conf kernel_words=${r}/etc/kernel-words grub_defaults=${r}/grub grub_part=${r}/grub.d/zz-nvidia-vgpu.cfg grub_mkconfig=${r}/grub-mkconfig kernel_cmdline=${r}/cmdline proxmox_partitions=${r}/proxmox-boot-uuids started_with=${r}/started-with boot=${r}/boot dpkg_updates=${r}/updates kernels=${r}/kernels`,
      `vgpu_records=${r}/etc/vgpus vgpu_work=${r}/unpacking installer_log=${r}/installer.log dkms_tree=${r}/dkms run_vgpu=${r}/run`,
      `modules_blocked=${r}/modprobe.d/block.conf build_log=${r}/build.log`,
      `rebooted_for=${r}/etc/rebooted-for boot_id=${r}/boot-id modprobe_d=${r}/modprobe.d modprobe_usr=${r}/modprobe.usr; [ -e $boot_id ] || echo this-boot >$boot_id`,
      script,
    ];
    const result = spawnSync(this.shell, ["-c", lines.join("\n")], {
      encoding: "utf8",
      // bash takes a socket for a remote login, for which it would read ~/.bashrc.
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: `${r}/bin:${process.env.PATH}`, LC_ALL: "C" },
    });
    return { code: result.status, out: result.stdout, err: result.stderr };
  }

  remove = () => rmSync(this.root, { recursive: true, force: true });
}

export const syntaxOf = (shell: string, part: string): string => {
  try {
    execFileSync(shell, ["-n", join(library, `${part}.sh`)], { stdio: "pipe" });
    return "";
  } catch (error) {
    return String(error);
  }
};
