import type { DriverFacts, LoadedModule, Nouveau } from "../../model/facts/driver";
import { isUnknown, unknown, type Known } from "../../model/unknown";
import type { Capture } from "../capture";
import type { BootFactsFromFiles } from "./boot";

const directories = ["/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d"];

export function modprobeLines(capture: Capture): DriverFacts["modprobe"] {
  const files = directories.flatMap((directory) => capture.list(directory).map((name) => `${directory}/${name}`));
  const lines = files.flatMap((file) => capture.read(file).map((line) => ({ file, line: line.trim() })));
  return lines.filter(({ line }) => /^(blacklist|options|install)\s/.test(line));
}

export function nouveau(capture: Capture, modules: LoadedModule[], boot: BootFactsFromFiles): Nouveau {
  return {
    loaded: modules.some(({ name }) => name === "nouveau"),
    blacklistedBy: [...blacklistingFiles(capture), ...(onCommandLine(boot.next.commandLine) ? ["kernel command line"] : [])],
    initramfsCurrent: initramfsCurrent(capture, boot.next.kernel),
  };
}

function blacklistingFiles(capture: Capture): string[] {
  const lines = modprobeLines(capture).filter(({ line }) =>
    /^blacklist\s+nouveau\b|^install\s+nouveau\s+\/(usr\/)?bin\/(false|true)/.test(line),
  );
  return [...new Set(lines.map(({ file }) => file))];
}

function onCommandLine(words: Known<string[]>): boolean {
  if (isUnknown(words)) return false;
  return words.some((word) => /^(module_blacklist|modprobe\.blacklist|rd\.driver\.blacklist)=(.*,)?nouveau(,|$)/.test(word));
}

/** The initramfs loads nouveau before any file of the root file system is seen, so a blacklist counts once it is in there. */
function initramfsCurrent(capture: Capture, kernel: Known<string>): Known<boolean> {
  if (isUnknown(kernel)) return kernel;
  const times = new Map(
    capture
      .section("times")
      .map((line) => line.split("\t"))
      .map(([path, time]) => [path!, Number(time)]),
  );
  const image = [`initrd.img-${kernel}`, `initramfs-${kernel}.img`, `initrd-${kernel}`]
    .map((name) => times.get(`/boot/${name}`))
    .find(Boolean);
  if (image === undefined) return unknown(`/boot shows no initramfs for ${kernel}`);
  const changes = blacklistingFiles(capture).map((file) => times.get(file) ?? 0);
  return changes.every((change) => change <= image);
}
