import { z } from "zod";
import { DriverVersion } from "../driver-version";
import { orUnknown } from "../unknown";

export const LoadedModule = z.object({
  name: z.string(),
  /** A kernel without module unloading does not count (B102). */
  references: orUnknown(z.number()),
  usedBy: z.array(z.string()),
  version: z.string().nullable(),
});
export type LoadedModule = z.infer<typeof LoadedModule>;

/** `data-centre` is NVIDIA's ordinary driver: nvidia-smi works, and there will never be a vGPU (B101). */
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
  /** `success` or what ended it; nvidia-vgpud is judged by this, because done and inactive is its healthy state (B18). */
  result: z.string(),
  exitStatus: z.number(),
});
export type Service = z.infer<typeof Service>;

export const Nouveau = z.object({
  loaded: z.boolean(),
  /** The files, or `kernel command line`, that keep it from being loaded at the next boot. */
  blacklistedBy: z.array(z.string()),
  /** The initramfs of the next kernel was made after the last change in /etc/modprobe.d, so it knows the blacklist. */
  initramfsCurrent: orUnknown(z.boolean()),
  /** A blacklist or initramfs that is dated later than the host's clock. Left out: none is. */
  datedInFuture: z.string().optional(),
});
export type Nouveau = z.infer<typeof Nouveau>;

export const DriverFacts = z.object({
  flavour: DriverFlavour,
  /** The two differ between an installation and the reboot behind it (B15). */
  loaded: DriverVersion.nullable(),
  onDisk: orUnknown(DriverVersion.nullable()),
  /** Ampere and older need the proprietary modules, everything newer the open ones (B11). */
  moduleKind: z.enum(["open", "proprietary"]).nullable(),
  packaging: z.enum(["run", "deb", "rpm"]).nullable(),
  packages: z.array(Package),
  dkms: z.array(z.object({ version: z.string(), kernel: z.string() })),
  sriovManage: z.boolean(),
  /** null where it was not run: no driver is loaded, or it is not there. */
  nvidiaSmi: z.object({ exitCode: z.number(), firstLine: z.string() }).nullable(),
  modules: z.array(LoadedModule),
  /** Words of modprobe.d that concern us: `options nvidia NVreg_...`, `options vfio-pci ids=...`. */
  modprobe: z.array(z.object({ file: z.string(), line: z.string() })),
  nouveau: Nouveau,
  services: orUnknown(z.array(Service)),
});
export type DriverFacts = z.infer<typeof DriverFacts>;
