import { z } from "zod";
import { PciAddress } from "../pci-address";
import { orUnknown } from "../unknown";
import { VgpuSeries } from "../vgpu-type";
import { User } from "./users";

/** mdev: types are directories below a function. vendor: the type is a number in a file of the VF. */
export const Framework = z.enum(["mdev", "vendor"]);
export type Framework = z.infer<typeof Framework>;

/** A type that this GPU offers, as the host describes it; null where it does not say. */
export const VgpuType = z.object({
  id: z.number(),
  name: z.string().nullable(),
  framebufferMiB: z.number().nullable(),
  series: VgpuSeries.nullable(),
  maxInstances: z.number().nullable(),
});
export type VgpuType = z.infer<typeof VgpuType>;

/** What a vGPU can be made on: a virtual function, or the GPU itself where it takes none. */
export const VgpuFunction = z.object({
  address: PciAddress,
  /** Number of the VF; null for the GPU itself. */
  index: z.number().nullable(),
  driver: z.string().nullable(),
  iommuGroup: z.number().nullable(),
  /** null: it offers no types, in neither framework. */
  framework: Framework.nullable(),
  /** Type id to how many can be made now; ids left out have none. */
  creatable: orUnknown(z.record(z.string(), z.number())),
  users: orUnknown(z.array(User)),
});
export type VgpuFunction = z.infer<typeof VgpuFunction>;

export const Sriov = z.object({
  total: z.number(),
  enabled: z.number(),
  offset: z.number(),
  stride: z.number(),
});
export type Sriov = z.infer<typeof Sriov>;

export const Gpu = z.object({
  address: PciAddress,
  /** Hexadecimal, as in `10de:2235`, without the vendor. */
  deviceId: z.string(),
  subsystemId: z.string(),
  /** The driver's name for it, else that of the PCI id list. */
  model: z.string().nullable(),
  uuid: z.string().nullable(),
  serial: z.string().nullable(),
  driver: z.string().nullable(),
  driverOverride: z.string().nullable(),
  bootDisplay: z.boolean(),
  numaNode: z.number().nullable(),
  slot: z.string().nullable(),
  /** `/dev/nvidia0`: who has it open keeps the GPU. */
  deviceNode: z.string().nullable(),
  iommuGroup: z.number().nullable(),
  framebufferMiB: z.number().nullable(),
  /** The capability, which says nothing about whether vGPUs sit on VFs: a T4 has one and does not use it (B43). */
  sriov: Sriov.nullable(),
  /** By nvidia-smi; null where it is no host of vGPUs. Printed even for a GPU that vGPU refuses (B20). */
  hostVgpuMode: orUnknown(z.enum(["sr-iov", "non-sr-iov"]).nullable()),
  /** null: not capable of it. */
  mig: orUnknown(z.object({ current: z.boolean(), pending: z.boolean() }).nullable()),
  /** In nvidia-vgpud's words; null as long as it did not refuse (B19). */
  refused: orUnknown(z.string().nullable()),
  /** null: not told yet, because VFs are off or the driver is not up (B49). */
  framework: Framework.nullable(),
  types: z.array(VgpuType),
  /** The GPU itself, then its VFs by number. */
  functions: z.array(VgpuFunction),
});
export type Gpu = z.infer<typeof Gpu>;
