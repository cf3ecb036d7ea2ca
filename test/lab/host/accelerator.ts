import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { cached, hashOf } from "../cache";
import type { Image } from "../image/image";
import { output } from "../program";

const trialSeconds = 20;

/**
 * KVM where a guest is seen to boot under it, software emulation elsewhere. A /dev/kvm that opens is not enough: under
 * nested virtualisation the stock kernel can hang before its first line. The answer is kept per kernel, CPU and QEMU.
 */
export async function accelerator(image: Image): Promise<"kvm" | "tcg"> {
  if (!canOpen("/dev/kvm")) return "tcg";
  const qemu = await output("qemu-system-x86_64", ["--version"]);
  const folder = await cached("accelerator", hashOf(release(), cpus()[0]?.model ?? "", qemu), async (unfinished) => {
    const boots = await bootsUnderKvm(image);
    process.stderr.write(
      `lab: KVM ${boots ? "boots a guest" : `did not boot a guest within ${trialSeconds} s`}, using ${boots ? "it" : "software emulation"}\n`,
    );
    writeFileSync(join(unfinished, "answer"), boots ? "kvm" : "tcg");
  });
  return readFileSync(join(folder, "answer"), "utf8") as "kvm" | "tcg";
}

function canOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

/** The kernel's last word before userspace is ours shows that interrupts, timers and memory work. */
async function bootsUnderKvm(image: Image): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "lab-kvm-"));
  const log = join(folder, "console.log");
  const qemu = spawn(
    "qemu-system-x86_64",
    [
      "-machine",
      "q35",
      "-accel",
      "kvm",
      "-cpu",
      "host",
      "-m",
      "512",
      "-nodefaults",
      "-display",
      "none",
      "-no-reboot",
      "-kernel",
      image.grub,
      "-serial",
      `file:${log}`,
      "-drive",
      `file=${image.disks.bare},if=virtio,format=raw,snapshot=on`,
    ],
    { stdio: "ignore" },
  );
  try {
    for (let waited = 0; waited < trialSeconds && qemu.exitCode === null; waited += 0.5) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (existsSync(log) && /login:|Welcome to|systemd\[1\]/.test(readFileSync(log, "latin1"))) return true;
    }
    return false;
  } finally {
    qemu.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}
