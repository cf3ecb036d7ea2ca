import { z } from "zod";
import { DriverVersion } from "../driver-version";
import { orUnknown } from "../unknown";

export const InstalledKernel = z.object({
  version: z.string(),
  /** False for the modules that a removed kernel left behind. */
  bootable: z.boolean(),
  headers: z.boolean(),
  /** The package that it came with; null if it belongs to none. */
  package: orUnknown(z.string().nullable()),
  /** Version of the module `nvidia` that modprobe would load; null if this kernel has none. */
  nvidia: orUnknown(DriverVersion.nullable()),
  vgpuVfio: z.boolean(),
  /** Branches up to 535 need mdev; from 550 on vfio-pci-core is enough (B03). */
  mdev: z.boolean(),
  vfioPciCore: z.boolean(),
  /** The driver that sriov-manage binds a GPU to while it enables VFs (B41). */
  pciPfStub: z.boolean(),
});
export type InstalledKernel = z.infer<typeof InstalledKernel>;

/** How the kernel command line is changed: by which tool, in which file. */
export const BootLoader = z.enum(["grub", "grub-bls", "proxmox-boot-tool", "systemd-boot", "other"]);
export type BootLoader = z.infer<typeof BootLoader>;

export const NextBoot = z.object({
  kernel: orUnknown(z.string()),
  commandLine: orUnknown(z.array(z.string())),
});
export type NextBoot = z.infer<typeof NextBoot>;

/** A change that takes effect after a reboot. */
export const PendingReboot = z.object({
  reason: z.enum(["kernel", "command-line", "driver", "installation", "nouveau", "distribution"]),
  detail: z.string(),
});
export type PendingReboot = z.infer<typeof PendingReboot>;

export const BootFacts = z.object({
  kernel: z.string(),
  commandLine: z.array(z.string()),
  loader: BootLoader,
  /** The entry that the boot loader starts by default. */
  next: NextBoot,
  /** The configured command line; the boot loader uses it only after its tool ran. */
  configured: orUnknown(z.array(z.string())),
  /** Changes by an earlier run, for the uninstallation: `+intel_iommu=on`, `-intel_iommu=off`. Left out: none. */
  changedWords: z.array(z.string()).optional(),
  /** Why a run requested a reboot, and the boot in which it did. Left out: no run did. */
  rebootedFor: z.object({ bootId: z.string(), reasons: z.array(z.string()) }).optional(),
  kernels: z.array(InstalledKernel),
  pendingReboot: z.array(PendingReboot),
});
export type BootFacts = z.infer<typeof BootFacts>;
