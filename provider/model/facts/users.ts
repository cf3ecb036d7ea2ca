import { z } from "zod";
import { PciAddress } from "../pci-address";

/** A running process, described so that the operator can find it. */
export const Process = z.object({
  pid: z.number(),
  command: z.string(),
  /** From its control group. */
  unit: z.string().nullable(),
  container: z.string().nullable(),
  /** The guest's name on QEMU's command line. */
  guest: z.string().nullable(),
});
export type Process = z.infer<typeof Process>;

/** A process of a running container, with all names of the container, the best one first. */
export const Container = Process.extend({ names: z.array(z.string()) });
export type Container = z.infer<typeof Container>;

/** A guest names its vGPU by UUID, its VF or GPU by address, or a Proxmox mapping by name. A kubelet may know an IOMMU group only. */
export const GuestDevice = z.union([
  z.object({ mdev: z.string() }),
  z.object({ address: PciAddress, mdevType: z.string().nullable() }),
  z.object({ mapping: z.string(), mdevType: z.string().nullable() }),
  z.object({ iommuGroup: z.number() }),
]);
export type GuestDevice = z.infer<typeof GuestDevice>;

/** The software that has the definition of a virtual machine. A Kubernetes pod counts as one if it has a device. */
export const Registrar = z.enum(["libvirt", "proxmox", "kubernetes"]);

/** A virtual machine that names host devices: a libvirt domain, running or only defined, a Proxmox VM file, or a pod. */
export const Guest = z.object({
  kind: Registrar,
  name: z.string(),
  running: z.boolean(),
  devices: z.array(GuestDevice),
});
export type Guest = z.infer<typeof Guest>;

/** Who uses a vGPU, a VF or a GPU. */
export const User = z.union([
  z.object({ process: Process, through: z.string() }),
  z.object({ guest: z.string(), kind: Registrar, running: z.boolean() }),
]);
export type User = z.infer<typeof User>;

/** A process that has a device node of the driver open, which blocks sriov-manage (B34). */
export const Holder = z.object({ device: z.string(), process: Process });
export type Holder = z.infer<typeof Holder>;
