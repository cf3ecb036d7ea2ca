import { z } from "zod";
import { orUnknown } from "../unknown";

/** Distributions are handled by family. `other` is not supported. */
export const OsFamily = z.enum(["debian", "ubuntu", "proxmox", "rhel", "suse", "other"]);
export type OsFamily = z.infer<typeof OsFamily>;

export const OperatingSystem = z.object({
  family: OsFamily,
  id: z.string(),
  version: z.string(),
  name: z.string(),
});
export type OperatingSystem = z.infer<typeof OperatingSystem>;

/**
 * A system that is replaced as a whole, so that a driver cannot be installed in it: `ostree` (also bootc), `transactional` (SUSE's
 * snapshots), `declarative` (NixOS, Guix), `read-only` (root or /usr), `volatile` (a root in memory, lost at the next boot).
 */
export const ImageSystem = z.object({
  kind: z.enum(["ostree", "transactional", "declarative", "read-only", "volatile"]),
  /** What shows it: "/run/ostree-booted exists". */
  sign: z.string(),
});
export type ImageSystem = z.infer<typeof ImageSystem>;

/** Identifies a machine with its installation; an address can move to another machine. */
export const Identity = z.object({
  productUuid: orUnknown(z.string().nullable()),
  machineId: orUnknown(z.string().nullable()),
  bootId: z.string(),
  product: z.string().nullable(),
});
export type Identity = z.infer<typeof Identity>;

export const Iommu = z.object({
  /** False: nothing in /sys/class/iommu, or no groups (B28). */
  active: z.boolean(),
  units: z.array(z.string()),
  groups: z.number(),
  /** The firmware describes one. False: it is off there, or the machine has none. */
  inFirmware: z.boolean(),
  /** Intel's is turned on by the kernel command line; AMD's is on by default. */
  vendor: z.enum(["intel", "amd", "other"]),
});
export type Iommu = z.infer<typeof Iommu>;

export const Disk = z.object({
  path: z.string(),
  availableMiB: z.number(),
  noexec: z.boolean(),
  readOnly: z.boolean(),
});
export type Disk = z.infer<typeof Disk>;

export const SystemFacts = z.object({
  os: orUnknown(OperatingSystem),
  /** null: packages are installed in the running system. */
  image: ImageSystem.nullable(),
  identity: Identity,
  iommu: Iommu,
  secureBoot: orUnknown(z.boolean()),
  /** Program name to its path. */
  tools: z.record(z.string(), z.string()),
  libcHeaders: z.boolean(),
  disks: orUnknown(z.array(Disk)),
  /** The probe ran as root, so what it does not print does not exist. */
  root: z.boolean(),
  /** The probe that is a file on the host, where that printed the capture. */
  installedProbe: z.object({ version: z.string(), isCurrent: z.boolean() }).optional(),
});
export type SystemFacts = z.infer<typeof SystemFacts>;
