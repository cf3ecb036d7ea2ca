import { z } from "zod";
import { equivalences } from "../comparable";
import { GpuSelector } from "../gpu-selector";
import { PciAddress } from "../pci-address";
import { VgpuTypeName } from "../vgpu-type";
import { RestoreAtBoot } from "./restore-at-boot";

/** A virtual function by its number, or by its address. */
export const VirtualFunctionSelector = z.union([z.int().min(0), PciAddress]);
export type VirtualFunctionSelector = z.infer<typeof VirtualFunctionSelector>;

const VgpuUuid = z
  .guid("a UUID has the form 11111111-2222-3333-4444-555555555555")
  .transform((uuid) => uuid.toLowerCase());

/** The value of vgpu_params: `frame_rate_limiter=0, disable_vnc=1`. */
const VgpuParameters = z
  .string()
  .regex(/^[\w-]+=[\w.-]+(, ?[\w-]+=[\w.-]+)*$/, "parameters have the form name=value, name=value");

/** Owners as errors print them: `shop/dev#1f3a9c2d`; or "unrecorded", for vGPUs without a record. */
export const TakeOver = z
  .array(
    z
      .string()
      .regex(
        /^(unrecorded|[^/\s]+\/[^/\s]+#[0-9a-f]{8})$/,
        'an owner has the form project/stack#1f3a9c2d, as errors print it; "unrecorded" means vGPUs without a record',
      ),
  )
  .describe("Owners of vGPUs that this resource may take over: as errors print them, or unrecorded. Default: none.");

/** One vGPU. */
export const VgpuArguments = z.strictObject({
  gpu: GpuSelector.describe("The physical GPU on which it is created."),
  type: VgpuTypeName.describe("vGPU type: A40-4Q, with or without the prefix NVIDIA or GRID, or the id."),
  uuid: VgpuUuid.optional().describe("Identity of the vGPU. Default: derived from the resource's URN, and then kept."),
  virtualFunction: VirtualFunctionSelector.optional().describe(
    "The VF on which it is created, by number or address. Default: the first free one.",
  ),
  parameters: VgpuParameters.optional().describe("vGPU plugin parameters. Default: none."),
  takeOver: TakeOver.optional().register(equivalences, { absentMeans: [] }),
  restoreAtBoot: RestoreAtBoot,
});
export type VgpuArguments = z.infer<typeof VgpuArguments>;

/** No GPU has more virtual functions. */
const maxVgpusPerGpu = 256;

export const VgpuCount = z.int().min(0).max(maxVgpusPerGpu);

export const VgpuName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][\w.-]*$/, "a name has letters, digits, dots, dashes and underscores");

export const NamedVgpu = VgpuArguments.omit({ gpu: true, takeOver: true, restoreAtBoot: true });
export type NamedVgpu = z.infer<typeof NamedVgpu>;

/** Rejects a UUID or virtual function that is used twice. */
export function requireUnique(named: Record<string, NamedVgpu>, context: z.RefinementCtx): void {
  for (const property of ["uuid", "virtualFunction"] as const) {
    const taken = new Map<unknown, string>();
    for (const [name, { [property]: value }] of Object.entries(named)) {
      const other = taken.get(value);
      if (other !== undefined)
        context.addIssue({ code: "custom", path: [name, property], message: `${other} has the same` });
      if (value !== undefined) taken.set(value, name);
    }
  }
}

/** No GPU has more GPU instances. */
const maxInstancesPerGpu = 16;

/** Number of GPU instances of each profile, by its name or id: `{"1g.10gb": 7}`. */
export const GpuInstanceCounts = z
  .record(
    z
      .string()
      .regex(/^(MIG )?\d+g\.\d+gb([+-][\w.]+)?$|^\d+$/, "a profile is written as 1g.10gb, 1g.10gb+me, or by its id"),
    z.int().min(0).max(maxInstancesPerGpu),
  )
  .describe(
    "Number of GPU instances of each profile, in addition to those of the declared vGPUs: for vGPUs that other tools create.",
  );

/** All vGPUs of one GPU. */
export const LayoutArguments = z.strictObject({
  gpu: GpuSelector.describe("The physical GPU."),
  vgpus: z.record(VgpuTypeName, VgpuCount).default({}).describe("Number of vGPUs of each type."),
  named: z
    .record(VgpuName, NamedVgpu)
    .superRefine(requireUnique)
    .default({})
    .describe("vGPUs with their own identity, and optionally their own VF."),
  gpuInstances: GpuInstanceCounts.optional().register(equivalences, { absentMeans: {} }),
  onDelete: z
    .enum(["remove", "removeUnused"])
    .default("remove")
    .describe(
      "remove: delete all vGPUs, or none while one is in use. removeUnused: delete unused ones, and list those that stay.",
    ),
  takeOver: TakeOver.optional().register(equivalences, { absentMeans: [] }),
  restoreAtBoot: RestoreAtBoot,
});
export type LayoutArguments = z.infer<typeof LayoutArguments>;
