import { z } from "zod";
import { DriverVersion } from "../driver-version";
import { orUnknown } from "../unknown";

export const LoadedModule = z.object({
  name: z.string(),
  /** Unknown on a kernel without module unloading (B102). */
  references: orUnknown(z.number()),
  usedBy: z.array(z.string()),
  version: z.string().nullable(),
});
export type LoadedModule = z.infer<typeof LoadedModule>;

/** `data-centre` is NVIDIA's ordinary driver: nvidia-smi works, but vGPUs are not supported (B101). */
export const DriverFlavour = z.enum(["vgpu-manager", "data-centre", "none"]);
export type DriverFlavour = z.infer<typeof DriverFlavour>;

export const Package = z.object({
  kind: z.enum(["deb", "rpm"]),
  name: z.string(),
  version: z.string(),
  installed: z.boolean(),
});
export type Package = z.infer<typeof Package>;

export const Service = z.object({
  name: z.string(),
  present: z.boolean(),
  enabled: z.string(),
  active: z.string(),
  sub: z.string(),
  /** `success`, or why it failed. Decides for nvidia-vgpud: inactive is its healthy state (B18). */
  result: z.string(),
  exitStatus: z.number(),
});
export type Service = z.infer<typeof Service>;

/** Linux' own driver for NVIDIA's GPUs. */
export const Nouveau = z.object({
  /** Its successor is nova_core, for GPUs since Turing; some kernels have both. */
  name: z.enum(["nouveau", "nova_core"]),
  loaded: z.boolean(),
  /** The files, or `kernel command line`, that keep it from being loaded at the next boot. */
  blacklistedBy: z.array(z.string()),
  /** The initramfs of the next kernel is newer than the last change in /etc/modprobe.d, so it contains the blacklist. */
  initramfsCurrent: orUnknown(z.boolean()),
  /** A blacklist or initramfs that is newer than the host's clock. Left out: none. */
  datedInFuture: z.string().optional(),
});
export type Nouveau = z.infer<typeof Nouveau>;

export const DriverFacts = z.object({
  flavour: DriverFlavour,
  /** Differs from `onDisk` between an installation and the next reboot (B15). */
  loaded: DriverVersion.nullable(),
  onDisk: orUnknown(DriverVersion.nullable()),
  /** Ampere and older need the proprietary modules, everything newer the open ones (B11). */
  moduleKind: z.enum(["open", "proprietary"]).nullable(),
  packaging: z.enum(["run", "deb", "rpm"]).nullable(),
  packages: z.array(Package),
  dkms: z.array(z.object({ version: z.string(), kernel: z.string() })),
  sriovManage: z.boolean(),
  /** null if it was not run: no driver is loaded, or it is missing. */
  nvidiaSmi: z.object({ exitCode: z.number(), firstLine: z.string() }).nullable(),
  modules: z.array(LoadedModule),
  /** Relevant lines of modprobe.d: `options nvidia NVreg_...`, `options vfio-pci ids=...`. */
  modprobe: z.array(z.object({ file: z.string(), line: z.string() })),
  nouveau: Nouveau,
  services: orUnknown(z.array(Service)),
});
export type DriverFacts = z.infer<typeof DriverFacts>;
