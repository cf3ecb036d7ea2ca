import { z } from "zod";
import { NamedVgpu, requireUnique, TakeOver, VgpuCount, VgpuName } from "../../model/desired/vgpu";
import { describeSelector, GpuSelector, mayMatchSameGpu } from "../../model/gpu-selector";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { FleetVgpuType, isOfAnotherCard, nearestOf } from "./vgpu-type";

/** The short name that a card has in the file and in Pulumi. */
export const GpuKey = z
  .string()
  .regex(/^[A-Za-z0-9][\w-]*$/, "a card's key has letters, digits, dashes and underscores");

const parts = {
  gpu: GpuSelector.describe(
    "Which GPU this card is: {model, index} counts those of one model in the order of their addresses; {address}, {uuid}, {slot} name one.",
  ),
  vgpus: z
    .record(FleetVgpuType, VgpuCount)
    .optional()
    .describe(
      "How many vGPUs of each type: {L40S-12Q: 4}. Neither vgpus nor named: someone else makes them. " +
        "In an override: instead of all counts before.",
    ),
  named: z
    .record(VgpuName, NamedVgpu.extend({ type: FleetVgpuType.describe(NamedVgpu.shape.type.description!) }))
    .superRefine(requireUnique)
    .optional()
    .describe(
      "vGPUs with a name, that have a place and an identity of their own. In an override: instead of all those before.",
    ),
  formerly: GpuKey.optional().describe(
    "What this card was called in the file before: it keeps its vGPUs, and nothing on the host changes. Can go after the next up.",
  ),
  takeOver: TakeOver.optional(),
};

/** What a part of the file says of a card; null: this host has no such card. */
export const GpuInput = z
  .strictObject({ ...parts, gpu: parts.gpu.optional() })
  .nullable()
  .meta({ id: "card" });

const Card = z.strictObject(parts).superRefine(({ gpu, vgpus = {}, named = {} }, context) => {
  if (!("model" in gpu)) return;
  const check = (type: VgpuTypeName, path: string[], at?: "key") => {
    if (!isOfAnotherCard(type, gpu.model)) return;
    const message = `${gpu.model} takes no types of another card; did you mean ${nearestOf(gpu.model, type)}?`;
    context.addIssue({ code: "custom", path, message, params: { found: `"${type}"`, at } });
  };
  for (const type of Object.keys(vgpus) as VgpuTypeName[]) check(type, ["vgpus", type], "key");
  for (const [name, { type }] of Object.entries(named)) check(type, ["named", name, "type"]);
});

/** The cards of a host. No two may be one GPU. */
export const HostGpus = z.record(GpuKey, Card).superRefine((cards, context) => {
  const all = Object.entries(cards);
  all.forEach(([key, { gpu }], i) => {
    const [other] = all.slice(0, i).find(([, before]) => mayMatchSameGpu(before.gpu, gpu)) ?? [];
    const message = `it may be the GPU of card ${other} too: tell them apart by {model, index} or {address}`;
    if (other)
      context.addIssue({ code: "custom", path: [key, "gpu"], message, params: { found: describeSelector(gpu) } });
  });
  const taken = new Set(Object.keys(cards));
  for (const [key, { formerly }] of all) {
    const message = `${formerly} is another card of this host, or another one was called so too`;
    if (formerly !== undefined && taken.has(formerly))
      context.addIssue({ code: "custom", path: [key, "formerly"], message });
    if (formerly !== undefined) taken.add(formerly);
  }
});
