import type { BootLoader } from "../../model/facts/boot";
import type { Capture } from "../capture";
import { commandLineWords, settings } from "../text";

/** Returns the boot loader that started this host, by its traces; where it leaves none, the one that is configured. */
export function bootLoader(capture: Capture): BootLoader {
  if (capture.exists("/etc/kernel/proxmox-boot-uuids")) return "proxmox-boot-tool";
  if (observedLoader(capture) === "systemd-boot") return "systemd-boot";
  if (readsEntryFiles(capture)) return "grub-bls";
  return capture.exists("/etc/default/grub") && hasMenu(capture) ? "grub" : "other";
}

/** GRUB starts Proxmox too: with a BIOS, and on EFI machines with Secure Boot. */
export function isStartedBySystemdBoot(capture: Capture): boolean {
  const observed = observedLoader(capture);
  return observed === null ? capture.exists("/sys/firmware/efi") : observed === "systemd-boot";
}

/** The EFI variable LoaderInfo names the loader (systemd's Boot Loader Interface); it is in UTF-16. GRUB adds BOOT_IMAGE to the command line. */
function observedLoader(capture: Capture): "grub" | "systemd-boot" | null {
  const info = capture
    .paths(/^\/sys\/firmware\/efi\/efivars\/LoaderInfo-/)
    .flatMap((path) => capture.read(path))
    .join("")
    .replace(/[^\w. -]/g, "");
  if (/systemd-boot/i.test(info)) return "systemd-boot";
  if (/^GRUB/i.test(info)) return "grub";
  const words = commandLineWords(capture.value("/proc/cmdline") ?? "");
  if (words.some((word) => word.startsWith("initrd=\\"))) return "systemd-boot";
  return words.some((word) => word.startsWith("BOOT_IMAGE=")) ? "grub" : null;
}

/** GRUB may read no menu in /boot: grub2-bls of SUSE reads nothing of /etc/default/grub. */
function hasMenu(capture: Capture): boolean {
  const isRefused = capture.refusal((path) => path.endsWith("/grub.cfg")) !== null;
  return isRefused || capture.exists(`${grubDirectory(capture)}/grub.cfg`);
}

/** GRUB reads entry files only by the command blscfg; without it, they belong to another loader. */
function readsEntryFiles(capture: Capture): boolean {
  const menu = capture.read(`${grubDirectory(capture)}/grub.cfg`);
  if (menu.some((line) => /^\s*blscfg\b/.test(line))) return true;
  if (menu.some((line) => /^\s*linux(16|efi)?\s/.test(line))) return false;
  const setting = settings(capture.read("/etc/default/grub")).GRUB_ENABLE_BLSCFG;
  return setting === "true" || capture.exists("/boot/loader/entries");
}

export const grubDirectory = (capture: Capture) => (capture.exists("/boot/grub2") ? "/boot/grub2" : "/boot/grub");
