import type { BootFacts, BootLoader, NextBoot } from "../../model/facts/boot";
import type { OrUnknown } from "../../model/unknown";
import { mapKnown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { commandLineWords, settings } from "../text";
import { bootLoader, isStartedBySystemdBoot } from "./boot-loader";
import { installedKernels } from "./kernels";
import { blsNext, entriesNext, grubNext, proxmoxNext } from "./next-boot";

export type BootFactsFromFiles = Omit<BootFacts, "pendingReboot">;

export function bootFacts(capture: Capture): BootFactsFromFiles {
  const kernels = installedKernels(capture);
  const loader = bootLoader(capture);
  const configured = configuredCommandLine(capture, loader);
  const changedWords = capture.read("/etc/nvidia-vgpu/kernel-words");
  return {
    kernel: capture.value("/proc/sys/kernel/osrelease") ?? "",
    commandLine: commandLineWords(capture.value("/proc/cmdline") ?? ""),
    loader,
    next: next(),
    configured,
    ...(changedWords.length ? { changedWords } : {}),
    ...rebootedFor(capture),
    kernels,
  };

  function next(): NextBoot {
    if (loader === "grub") return grubNext(capture);
    if (loader === "grub-bls") return blsNext(capture);
    if (loader === "proxmox-boot-tool") return proxmoxNext(capture, kernels, configured);
    return entriesNext(capture, configured);
  }
}

/** Parses a file with the boot id in its first line, and one reason in each further line. */
function rebootedFor(capture: Capture): Pick<BootFacts, "rebootedFor"> {
  const [bootId, ...reasons] = capture.read("/etc/nvidia-vgpu/rebooted-for");
  return bootId ? { rebootedFor: { bootId, reasons } } : {};
}

function configuredCommandLine(capture: Capture, loader: BootLoader): OrUnknown<string[]> {
  const isWhole = loader === "systemd-boot" || (loader === "other" && capture.exists("/etc/kernel/cmdline"));
  if (isWhole || (loader === "proxmox-boot-tool" && isStartedBySystemdBoot(capture))) {
    // The file is the whole command line.
    const whole = capture.value("/etc/kernel/cmdline");
    return whole === null ? unknown("there is no /etc/kernel/cmdline") : commandLineWords(whole);
  }
  const files = [
    "/etc/default/grub",
    ...capture
      .list("/etc/default/grub.d")
      .sort()
      .map((name) => `/etc/default/grub.d/${name}`),
  ];
  const refusal = capture.refusal((path) => files.includes(path));
  if (refusal) return refusal;
  if (!capture.exists("/etc/default/grub")) return unknown("there is no /etc/default/grub");
  return grubSettings(files.flatMap((file) => capture.read(file)));
}

/** Expands variables: drop-ins of cloud images have GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX console=ttyS0". */
function grubSettings(lines: string[]): string[] {
  const values: Record<string, string> = {};
  for (const [name, value] of lines.flatMap((line) => Object.entries(settings([line])))) {
    values[name] = value.replace(/\$\{?(\w+)\}?/g, (_, other: string) => values[other] ?? "");
  }
  return commandLineWords(`${values.GRUB_CMDLINE_LINUX ?? ""} ${values.GRUB_CMDLINE_LINUX_DEFAULT ?? ""}`);
}

/** Returns the words that the next boot adds and removes, without those that name the image or the deployment of a system. */
export function commandLineChanges(now: string[], next: OrUnknown<string[]>): OrUnknown<string[]> {
  return mapKnown(next, (words) => {
    const matters = (word: string) =>
      !/^(BOOT_IMAGE|initrd|rd\.lvm|root|rootflags|resume|ostree|composefs|systemd\.machine_id)=/.test(word);
    const added = words.filter((word) => matters(word) && !now.includes(word)).map((word) => `+${word}`);
    const removed = now.filter((word) => matters(word) && !words.includes(word)).map((word) => `-${word}`);
    return [...added, ...removed];
  });
}
