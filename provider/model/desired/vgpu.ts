import { z } from "zod";
import { GpuSelector } from "../gpu-selector";
import { PciAddress } from "../pci-address";
import { VgpuTypeName } from "../vgpu-type";

/** A virtual function by its number, or by its address. */
export const VirtualFunctionSelector = z.union([z.int().min(0), PciAddress]);
export type VirtualFunctionSelector = z.infer<typeof VirtualFunctionSelector>;

export const VgpuUuid = z
  .guid("a UUID reads 11111111-2222-3333-4444-555555555555")
  .transform((uuid) => uuid.toLowerCase());

/** The words of vgpu_params: `frame_rate_limiter=0, disable_vnc=1`. */
export const VgpuParameters = z
  .string()
  .regex(/^[\w-]+=[\w.-]+(, ?[\w-]+=[\w.-]+)*$/, "parameters read name=value, name=value");

/** As errors print an owner: `shop/dev#1f3a9c2d`; or "unrecorded", for what nobody wrote down. */
export const TakeOver = z
  .array(
    z
      .string()
      .regex(
        /^(unrecorded|[^/\s]+\/[^/\s]+#[0-9a-f]{8})$/,
        'an owner reads project/stack#1f3a9c2d, as errors print it; "unrecorded" stands for all others',
      ),
  )
  .describe(
    "Whose vGPUs become this resource's own where it wants them: owners as errors print them, or unrecorded. Default: nobody's.",
  );

/** One vGPU. */
export const VgpuArguments = z.strictObject({
  gpu: GpuSelector.describe("The physical GPU that carries it."),
  type: VgpuTypeName.describe("Its type: A40-4Q, with or without NVIDIA or GRID before it, or the id."),
  uuid: VgpuUuid.optional().describe("Its identity. Default: derived from the resource's URN, and kept from then on."),
  virtualFunction: VirtualFunctionSelector.optional().describe(
    "The VF that carries it, by number or address. Default: the first free one.",
  ),
  parameters: VgpuParameters.optional().describe("vGPU plugin parameters. Default: none."),
  takeOver: TakeOver.optional(),
});
export type VgpuArguments = z.infer<typeof VgpuArguments>;

/** More than any card has virtual functions. */
const maxVgpusPerGpu = 256;

export const VgpuCount = z.int().min(0).max(maxVgpusPerGpu);

export const VgpuName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][\w.-]*$/, "a name has letters, digits, dots, dashes and underscores");

export const NamedVgpu = VgpuArguments.omit({ gpu: true, takeOver: true });
export type NamedVgpu = z.infer<typeof NamedVgpu>;

/** No two have one identity or one place. */
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

/** All vGPUs of one card. */
export const LayoutArguments = z.strictObject({
  gpu: GpuSelector.describe("The physical GPU."),
  vgpus: z.record(VgpuTypeName, VgpuCount).default({}).describe("How many of each type."),
  named: z
    .record(VgpuName, NamedVgpu)
    .superRefine(requireUnique)
    .default({})
    .describe("Those that have a place and an identity of their own."),
  onDelete: z
    .enum(["remove", "removeUnused"])
    .default("remove")
    .describe(
      "remove: all vGPUs go, or none while one is in use. removeUnused: those in use stay, and it is said which.",
    ),
  takeOver: TakeOver.optional(),
});
export type LayoutArguments = z.infer<typeof LayoutArguments>;
