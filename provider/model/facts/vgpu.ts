import { z } from "zod";
import { PciAddress } from "../pci-address";
import { orUnknown } from "../unknown";
import { Framework } from "./gpu";
import { User } from "./users";

/** A vGPU that exists now. */
export const Vgpu = z.object({
  framework: Framework,
  /** null in the vendor framework: there the function is the identity, and the next owner's too (B77). */
  uuid: z.string().nullable(),
  gpu: PciAddress,
  function: PciAddress,
  type: z.object({ id: z.number(), name: z.string().nullable() }),
  iommuGroup: z.number().nullable(),
  parameters: z.string(),
  users: orUnknown(z.array(User)),
});
export type Vgpu = z.infer<typeof Vgpu>;

/** A definition of mdevctl: comes back at boot when `auto`, provided its parent is there by then (B65). */
export const MdevDefinition = z.object({
  uuid: z.string(),
  parent: z.string(),
  type: z.string(),
  auto: z.boolean(),
});
export type MdevDefinition = z.infer<typeof MdevDefinition>;

/** What an earlier run wrote down about a vGPU that it made. The vendor framework has no UUIDs: there this is the identity. */
export const VgpuRecord = z.object({
  uuid: z.string(),
  function: PciAddress,
  typeId: z.number(),
  /** Who made it: a stack of somebody's. */
  owner: z.string(),
  /** As the host called the type; a full card of the vendor framework names its types no more (B69). */
  typeName: z.string().optional(),
  /** The wanted UUID that this vGPU serves, where it was there before under a UUID of its own. */
  servesAs: z.string().optional(),
  /** Which life of a resource made or adopted it; left out in records of 0.1, with all that follows. */
  instance: z.string().optional(),
  /** `VgpuLayout l` */
  resource: z.string().optional(),
  /** The boot that ran when it was written. */
  boot: z.string().optional(),
  /** The UUID of the GPU, where the host knew it. */
  gpu: z.string().optional(),
  framework: Framework.optional(),
  parameters: z.string().optional(),
  /** It was there before, made by somebody else: it is given back, not removed. */
  adopted: z.literal(true).optional(),
});
export type VgpuRecord = z.infer<typeof VgpuRecord>;
