import { z } from "zod";
import { orUnknown } from "../unknown";

/** A size of GPU instances, such as `3g.20gb`: the compute and memory slices that an instance of it has. */
export const GpuInstanceProfile = z.object({
  /** The number that nvidia-smi takes; the names differ between GPUs, and old tools know only some of them. */
  id: z.number(),
  name: z.string(),
  /** How many instances of it an empty GPU has room for. */
  total: z.number(),
  /** The memory slices that an instance takes. */
  size: z.number(),
  /** The memory slices at which an instance may start. */
  starts: z.array(z.number()),
});
export type GpuInstanceProfile = z.infer<typeof GpuInstanceProfile>;

/** A GPU instance that exists. Profile and place identify it: ids are given anew with each instance (B86). */
export const GpuInstance = z.object({
  id: z.number(),
  profileId: z.number(),
  /** The first of its memory slices. */
  start: z.number(),
  size: z.number(),
});
export type GpuInstance = z.infer<typeof GpuInstance>;

/** A vGPU type, and the GPU instances that it is created on. */
export const MigVgpuType = z.object({
  id: z.number(),
  name: z.string(),
  framebufferMiB: z.number(),
  profileId: z.number(),
  /** How many vGPUs of this framebuffer size one instance has room for: 1 before GB20x and R575 (B120). */
  perInstance: z.number(),
});
export type MigVgpuType = z.infer<typeof MigVgpuType>;

/** MIG of one GPU that supports it. */
export const Mig = z.object({
  current: z.boolean(),
  /** The mode after the next reset of the GPU. */
  pending: z.boolean(),
  profiles: orUnknown(z.array(GpuInstanceProfile)),
  instances: orUnknown(z.array(GpuInstance)),
  /** MIG-backed vGPU types, also while MIG mode is off. */
  types: orUnknown(z.array(MigVgpuType)),
});
export type Mig = z.infer<typeof Mig>;
