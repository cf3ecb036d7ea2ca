import { basename, dirname } from "node:path/posix";
import type { DriverFacts, LoadedModule, Nouveau } from "../../model/facts/driver";
import type { OrUnknown } from "../../model/unknown";
import { isKnown, isUnknown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import type { BootFactsFromFiles } from "./boot";

/** Parses /proc/modules: name, size, references or `-`, users with a comma after each or `-`. */
export function loadedModules(capture: Capture): LoadedModule[] {
  return capture.read("/proc/modules").map((line) => {
    const [name, , references, users] = line.split(" ") as [string, string, string, string];
    return {
      name,
      references: references === "-" ? unknown("this kernel counts no module references") : Number(references),
      usedBy: users.split(",").filter((user) => user && user !== "-"),
      version: capture.value(`/sys/module/${name}/version`),
    };
  });
}

const directories = ["/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d"];

export function modprobeLines(capture: Capture): DriverFacts["modprobe"] {
  const files = directories.flatMap((directory) => capture.list(directory).map((name) => `${directory}/${name}`));
  const lines = files.flatMap((file) => capture.read(file).map((line) => ({ file, line: line.trim() })));
  return lines.filter(({ line }) => /^(blacklist|options|install)\s/.test(line));
}

export function nouveau(capture: Capture, modules: LoadedModule[], boot: BootFactsFromFiles): Nouveau {
  const isLoaded = (driver: string) => modules.some(({ name }) => name === driver);
  const name = isLoaded("nova_core") ? "nova_core" : "nouveau";
  const files = blacklistingFiles(capture, name);
  // Of the next boot; the file with it may be for root alone.
  const words = isKnown(boot.next.commandLine) ? boot.next.commandLine : boot.commandLine;
  return {
    name,
    loaded: isLoaded(name),
    blacklistedBy: [...files, ...(isBlacklistedBy(words, name) ? ["kernel command line"] : [])],
    ...initramfs(capture, boot.next.kernel, files),
  };
}

function blacklistingFiles(capture: Capture, driver: string): string[] {
  const pattern = new RegExp(`^(blacklist\\s+${driver}\\b|install\\s+${driver}\\s+/(usr/)?bin/(false|true))`);
  const lines = modprobeLines(capture).filter(({ line }) => pattern.test(line));
  return [...new Set(lines.map(({ file }) => file))];
}

function isBlacklistedBy(words: string[], driver: string): boolean {
  const pattern = new RegExp(`^(module_blacklist|modprobe\\.blacklist|rd\\.driver\\.blacklist)=(.*,)?${driver}(,|$)`);
  return words.some((word) => pattern.test(word));
}

/**
 * Compares times: the initramfs loads nouveau before the root file system is mounted, so it has to contain the blacklist. A file that
 * is dated in the future proves nothing.
 */
function initramfs(
  capture: Capture,
  kernel: OrUnknown<string>,
  files: readonly string[],
): Pick<Nouveau, "initramfsCurrent" | "datedInFuture"> {
  if (isUnknown(kernel)) return { initramfsCurrent: kernel };
  const times = new Map(
    capture
      .section("times")
      .map((line) => line.split("\t"))
      .map(([path, time]) => [path!, Number(time)]),
  );
  const image = [...times.keys()].find((path) => isInitramfsOf(path, kernel));
  if (image === undefined) return { initramfsCurrent: unknown(`/boot has no initramfs for ${kernel}`) };
  const future = [image, ...files].find((path) => (times.get(path) ?? 0) > now(capture) + toleranceSeconds);
  if (future) return { initramfsCurrent: false, datedInFuture: future };
  return { initramfsCurrent: files.every((path) => (times.get(path) ?? 0) <= times.get(image)!) };
}

/** The names of update-initramfs, dracut and SUSE, of kernel-install for loaders with entry files, and of unified images. */
function isInitramfsOf(path: string, kernel: string): boolean {
  const [folder, name] = [dirname(path), basename(path)];
  const isInBoot = [`initrd.img-${kernel}`, `initramfs-${kernel}.img`, `initrd-${kernel}`].includes(name);
  const isOfEntry = basename(folder) === kernel && name === "initrd";
  return isInBoot || isOfEntry || (folder.endsWith("/EFI/Linux") && name.endsWith(`-${kernel}.efi`));
}

const toleranceSeconds = 60;

/** Returns the time of the host's clock; captures of earlier releases do not have it. */
function now(capture: Capture): number {
  const booted = Number(/^btime (\d+)$/.exec(capture.value("/proc/stat") ?? "")?.[1]);
  const uptime = parseFloat(capture.value("/proc/uptime") ?? "");
  return Number.isNaN(booted + uptime) ? Infinity : booted + uptime;
}
