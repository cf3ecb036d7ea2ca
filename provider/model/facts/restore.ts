import { z } from "zod";
import { PciAddress } from "../pci-address";
import { orUnknown } from "../unknown";
import { Service } from "./driver";

/** What the restorer gives a GPU at boot: the file of the GPU on the host. */
export const GpuRecord = z.object({
  uuid: z.string(),
  address: PciAddress,
  /** Number of virtual functions; 0: the restorer does not enable them. */
  vfs: z.number(),
  /** MIG mode is turned on first. */
  mig: z.boolean(),
  /** The stack that wants MIG mode, also without virtual functions. Empty: it is recorded for the virtual functions only. */
  migOwner: z.string(),
  /** Mixed-size mode is turned on before the first vGPU. */
  mixedSizes: z.boolean(),
  /** GPU instances as `PROFILE@START`, separated by blanks, in the order in which they are created. */
  instances: z.string(),
  owner: z.string(),
});
export type GpuRecord = z.infer<typeof GpuRecord>;

/** How virtual functions and vGPUs come back after a boot. */
export const RestoreFacts = z.object({
  /** False: the host has no systemd. */
  systemd: z.boolean(),
  /** Of script and unit; null: not installed. */
  digest: z.string().nullable(),
  unit: orUnknown(Service.nullable()),
  gpus: orUnknown(z.array(GpuRecord)),
  /** What could not be restored after this boot, and why. The item is the UUID of a GPU or vGPU, or `host`. */
  failures: z.array(z.object({ item: z.string(), reason: z.string() })),
  /** Lines that enable virtual functions at boot, too. */
  rivalLines: z.array(z.object({ file: z.string(), line: z.string() })),
});
export type RestoreFacts = z.infer<typeof RestoreFacts>;
