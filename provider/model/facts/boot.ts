import { z } from "zod";
import { DriverVersion } from "../driver-version";
import { orUnknown } from "../unknown";

export const InstalledKernel = z.object({
  version: z.string(),
  /** False for the modules that a removed kernel left behind. */
  bootable: z.boolean(),
  headers: z.boolean(),
  /** `nvidia` as modprobe would load it; null where this kernel has none. */
  nvidia: orUnknown(DriverVersion.nullable()),
  vgpuVfio: z.boolean(),
  /** Branches up to 535 want mdev; from 550 on vfio-pci-core will do (B03). */
  mdev: z.boolean(),
  vfioPciCore: z.boolean(),
  /** What sriov-manage binds a GPU to while it makes VFs (B41). */
  pciPfStub: z.boolean(),
});
export type InstalledKernel = z.infer<typeof InstalledKernel>;

/** How the kernel command line is changed: by which tool, in which file. */
export const BootLoader = z.enum(["grub", "grub-bls", "proxmox-boot-tool", "other"]);
export type BootLoader = z.infer<typeof BootLoader>;

export const NextBoot = z.object({
  kernel: orUnknown(z.string()),
  commandLine: orUnknown(z.array(z.string())),
});
export type NextBoot = z.infer<typeof NextBoot>;

/** Why something on this host waits for a reboot. */
export const PendingReboot = z.object({
  reason: z.enum(["kernel", "command-line", "driver", "installation", "nouveau", "distribution"]),
  detail: z.string(),
});
export type PendingReboot = z.infer<typeof PendingReboot>;

export const BootFacts = z.object({
  kernel: z.string(),
  commandLine: z.array(z.string()),
  loader: BootLoader,
  /** The entry that the boot loader takes if nobody interferes. */
  next: NextBoot,
  /** What the administrator wrote; the boot loader knows of it only after its tool ran. */
  configured: orUnknown(z.array(z.string())),
  /** What an earlier run changed on it, to be put back one day: `+intel_iommu=on`, `-intel_iommu=off`. Left out: nothing. */
  changedWords: z.array(z.string()).optional(),
  /** For what the host was rebooted, or told to be, and in which boot that was. Left out: never from here. */
  rebootedFor: z.object({ bootId: z.string(), reasons: z.array(z.string()) }).optional(),
  kernels: z.array(InstalledKernel),
  pendingReboot: z.array(PendingReboot),
});
export type BootFacts = z.infer<typeof BootFacts>;
