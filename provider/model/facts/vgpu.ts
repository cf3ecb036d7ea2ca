import { z } from "zod";
import { PciAddress } from "../pci-address";
import { orUnknown } from "../unknown";
import { Framework } from "./gpu";
import { User } from "./users";

/** A vGPU that exists now. */
export const Vgpu = z.object({
  framework: Framework,
  /** null in the vendor framework: there the function is the identity, also of the next vGPU on it (B77). */
  uuid: z.string().nullable(),
  gpu: PciAddress,
  function: PciAddress,
  type: z.object({ id: z.number(), name: z.string().nullable() }),
  iommuGroup: z.number().nullable(),
  /** The id of the GPU instance that it is on; null if it is time-sliced, or the driver does not show it. */
  gpuInstance: z.number().nullable(),
  /** Where on the GPU, or in its GPU instance, its memory begins; null if the driver does not show it. */
  placementId: z.number().nullable(),
  parameters: z.string(),
  /** Only root can read them here, so `parameters` is empty. */
  parametersUnread: z.literal(true).optional(),
  users: orUnknown(z.array(User)),
});
export type Vgpu = z.infer<typeof Vgpu>;

/** A definition of mdevctl. If `auto`, it is created at boot, provided its parent exists by then (B65). */
export const MdevDefinition = z.object({
  uuid: z.string(),
  parent: z.string(),
  type: z.string(),
  auto: z.boolean(),
});
export type MdevDefinition = z.infer<typeof MdevDefinition>;

/** The record that a run wrote about a vGPU. The vendor framework has no UUIDs: there the record is the identity. */
export const VgpuRecord = z.object({
  uuid: z.string(),
  function: PciAddress,
  typeId: z.number(),
  /** The stack that created it. */
  owner: z.string(),
  /** The host's name of the type; a full GPU of the vendor framework does not list its types any more (B69). */
  typeName: z.string().optional(),
  /** The declared UUID that this vGPU serves, if it was adopted with another UUID. */
  servesAs: z.string().optional(),
  /** The instance of the resource that created or adopted it; missing in records of 0.1, like all below. */
  instance: z.string().optional(),
  /** `VgpuLayout l` */
  resource: z.string().optional(),
  /** The boot in which it was written. */
  boot: z.string().optional(),
  /** The UUID of the GPU, if it was known. */
  gpu: z.string().optional(),
  framework: Framework.optional(),
  parameters: z.string().optional(),
  /** It existed before the resource: on delete only the record is removed. */
  adopted: z.literal(true).optional(),
  /** It is created again at boot. */
  restore: z.literal(true).optional(),
  /** Its definition in mdevctl is this package's, and goes with it. */
  mdevctl: z.literal(true).optional(),
});
export type VgpuRecord = z.infer<typeof VgpuRecord>;
