import { z } from "zod";
import { GpuInstanceCounts, NamedVgpu, requireUnique, TakeOver, VgpuCount, VgpuName } from "../../model/desired/vgpu";
import { describeSelector, GpuSelector, mayMatchSameGpu } from "../../model/gpu-selector";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { closestTypeOf, FleetVgpuType, isMigBacked, isTypeOfAnotherGpu } from "./vgpu-type";

/** The key of a GPU: its short name in the file and in Pulumi. */
export const GpuKey = z
  .string()
  .regex(/^[A-Za-z0-9][\w-]*$/, "the key of a GPU consists of letters, digits, dashes and underscores");

const gpuShape = {
  gpu: GpuSelector.describe(
    "Selects the GPU: {model, index} counts the GPUs of a model by address; {address}, {uuid} and {slot} name one.",
  ),
  vgpus: z
    .record(FleetVgpuType, VgpuCount)
    .optional()
    .describe(
      "Number of vGPUs of each type: {L40S-12Q: 4}. Without vgpus and named, the vGPUs of this GPU are not managed. " +
        "An override replaces all counts.",
    ),
  named: z
    .record(VgpuName, NamedVgpu.extend({ type: FleetVgpuType.describe(NamedVgpu.shape.type.description!) }))
    .superRefine(requireUnique)
    .optional()
    .describe("vGPUs with a name, and with a place and an identity of their own. An override replaces all of them."),
  mig: z.boolean().optional().describe("MIG mode of the GPU. Default: what its types and GPU instances need."),
  gpuInstances: GpuInstanceCounts.optional(),
  formerly: GpuKey.optional().describe(
    "Former key of this GPU in the file: it keeps its vGPUs, and nothing on the host changes. Remove it after the next up.",
  ),
  takeOver: TakeOver.optional(),
};

/** The settings of a GPU in one layer. null: this host has no such GPU. */
export const GpuInput = z
  .strictObject({ ...gpuShape, gpu: gpuShape.gpu.optional() })
  .nullable()
  .meta({ id: "gpu" });

const FleetGpu = z.strictObject(gpuShape).superRefine((entry, context) => {
  requireOneMigMode(entry, context);
  const { gpu, vgpus = {}, named = {} } = entry;
  if (!("model" in gpu)) return;
  const check = (type: VgpuTypeName, path: string[], at?: "key") => {
    if (!isTypeOfAnotherGpu(type, gpu.model)) return;
    const message = `${gpu.model} does not offer types of another GPU; did you mean ${closestTypeOf(gpu.model, type)}?`;
    context.addIssue({ code: "custom", path, message, params: { found: `"${type}"`, at } });
  };
  for (const type of Object.keys(vgpus) as VgpuTypeName[]) check(type, ["vgpus", type], "key");
  for (const [name, { type }] of Object.entries(named)) check(type, ["named", name, "type"]);
});

type GpuEntry = z.infer<z.ZodObject<typeof gpuShape>>;

/** Rejects types for the other MIG mode than that of the GPU: the declared one, or the one that its first type needs. */
function requireOneMigMode({ mig, vgpus = {}, named = {}, gpuInstances }: GpuEntry, context: z.RefinementCtx): void {
  const typed = [
    ...Object.keys(vgpus).map((type) => ({ type: type as VgpuTypeName, path: ["vgpus", type], at: "key" as const })),
    ...Object.entries(named).map(([name, { type }]) => ({ type, path: ["named", name, "type"], at: undefined })),
  ].map((one) => ({ ...one, needs: isMigBacked(one.type) }));
  const declared = mig ?? (gpuInstances && Object.keys(gpuInstances).length > 0 ? true : undefined);
  const mode = declared ?? typed.find(({ needs }) => needs !== undefined)?.needs;
  for (const { type, path, at, needs } of typed) {
    if (needs === undefined || needs === mode) continue;
    const message = needs
      ? "this type needs MIG mode, which is off for this GPU"
      : "this is a time-sliced type, and MIG mode is on for this GPU";
    context.addIssue({ code: "custom", path, message, params: { found: `"${type}"`, at } });
  }
  if (mig === false && gpuInstances && Object.keys(gpuInstances).length > 0)
    context.addIssue({
      code: "custom",
      path: ["gpuInstances"],
      message: "GPU instances need MIG mode, which is off",
    });
}

/** The GPUs of a host, by key. No two keys may select the same GPU. */
export const HostGpus = z.record(GpuKey, FleetGpu).superRefine((gpus, context) => {
  const all = Object.entries(gpus);
  all.forEach(([key, { gpu }], i) => {
    const [other] = all.slice(0, i).find(([, before]) => mayMatchSameGpu(before.gpu, gpu)) ?? [];
    const message = `may be the same GPU as ${other}; distinguish them by {model, index} or {address}`;
    if (other)
      context.addIssue({ code: "custom", path: [key, "gpu"], message, params: { found: describeSelector(gpu) } });
  });
  const taken = new Set(Object.keys(gpus));
  for (const [key, { formerly }] of all) {
    const message = `${formerly} is the key or former key of another GPU of this host`;
    if (formerly !== undefined && taken.has(formerly))
      context.addIssue({ code: "custom", path: [key, "formerly"], message });
    if (formerly !== undefined) taken.add(formerly);
  }
});
