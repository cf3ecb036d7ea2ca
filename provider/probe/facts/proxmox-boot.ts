import type { InstalledKernel, NextBoot } from "../../model/facts/boot";
import { unknown, type Known } from "../../model/unknown";
import type { Capture } from "../capture";
import { commandLineWords } from "../text";

/** proxmox-boot-tool copies kernels to system partitions that are not mounted, so its rules stand in for its result. */
export function proxmoxNext(capture: Capture, kernels: InstalledKernel[], configured: Known<string[]>): NextBoot {
  const pinned = ["next-boot-pin", "proxmox-boot-pin"].map((file) => capture.value(`/etc/kernel/${file}`)).find(Boolean);
  const newest = kernels.filter((kernel) => kernel.bootable).at(-1)?.version;
  return { kernel: pinned ?? newest ?? unknown("/boot shows no kernel"), commandLine: configured };
}

/** GRUB starts Proxmox too: with a BIOS, and on EFI machines with Secure Boot. Each of them leaves a sign on the command line. */
export function isStartedBySystemdBoot(capture: Capture): boolean {
  const words = commandLineWords(capture.value("/proc/cmdline") ?? "");
  if (words.some((word) => word.startsWith("initrd=\\EFI\\proxmox\\"))) return true;
  return capture.exists("/sys/firmware/efi") && !words.some((word) => word.startsWith("BOOT_IMAGE="));
}
