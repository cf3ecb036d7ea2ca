import { z } from "zod";
import { PciAddress } from "../pci-address";
import { orUnknown } from "../unknown";
import { VgpuSeries } from "../vgpu-type";
import { Mig } from "./mig";
import { User } from "./users";

/** mdev: types are directories below a function. vendor: the type is a number in a file of the VF. */
export const Framework = z.enum(["mdev", "vendor"]);
export type Framework = z.infer<typeof Framework>;

/** A type that this GPU offers, as the host describes it; null where it does not. */
export const VgpuType = z.object({
  id: z.number(),
  name: z.string().nullable(),
  framebufferMiB: z.number().nullable(),
  series: VgpuSeries.nullable(),
  maxInstances: z.number().nullable(),
});
export type VgpuType = z.infer<typeof VgpuType>;

/** A function that vGPUs are created on: a VF, or the GPU itself if it does not use VFs for them. */
export const VgpuFunction = z.object({
  address: PciAddress,
  /** Number of the VF; null for the GPU itself. */
  index: z.number().nullable(),
  driver: z.string().nullable(),
  iommuGroup: z.number().nullable(),
  /** null: it offers no types in any framework. */
  framework: Framework.nullable(),
  /** Type id to the number that can be created now; missing ids mean none. */
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
  /** The driver's name, else the name in the PCI id list. */
  model: z.string().nullable(),
  uuid: z.string().nullable(),
  serial: z.string().nullable(),
  driver: z.string().nullable(),
  driverOverride: z.string().nullable(),
  bootDisplay: z.boolean(),
  numaNode: z.number().nullable(),
  slot: z.string().nullable(),
  /** `/dev/nvidia0`: a process that has it open is a holder. */
  deviceNode: z.string().nullable(),
  iommuGroup: z.number().nullable(),
  framebufferMiB: z.number().nullable(),
  /** The capability. It does not mean that vGPUs are created on VFs: a T4 has one and does not use it (B43). */
  sriov: Sriov.nullable(),
  /** From nvidia-smi; null if it is no vGPU host. Printed even for a GPU that nvidia-vgpud refuses (B20). */
  hostVgpuMode: orUnknown(z.enum(["sr-iov", "non-sr-iov"]).nullable()),
  /** null: not supported. */
  mig: orUnknown(Mig.nullable()),
  /** Mixed-size mode; null: not supported, or the release does not report it (before R550). */
  mixedSizes: z.enum(["on", "off"]).nullable(),
  /**
   * Where vGPUs can be created in mixed-size mode: type id to placement ids. null: not read. It is read on hosts with the mdev framework, where no
   * file shows the placement id of a vGPU.
   */
  creatablePlaces: z.record(z.string(), z.array(z.number())).nullable(),
  /** Why nvidia-vgpud refuses the GPU, in its own words; null if it does not (B19). */
  refused: orUnknown(z.string().nullable()),
  /** null: not known yet, because VFs are off or the driver is not running (B49). */
  framework: Framework.nullable(),
  types: z.array(VgpuType),
  /** The GPU itself, then its VFs by number. */
  functions: z.array(VgpuFunction),
});
export type Gpu = z.infer<typeof Gpu>;
