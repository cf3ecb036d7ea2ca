import { z } from "zod";
import { LayoutArguments } from "../../model/desired/vgpu";
import type { GpuSelector } from "../../model/gpu-selector";
import { uuidOf } from "../engine/urn";
import { unknownValue } from "../parse";
import type { ResourceKind } from "../resource-kind";
import { pick } from "../state";
import { instancesOf, layoutGoal } from "./layout-slots";
import { observeLayout } from "./observe-layout";
import { ExistingVgpu as ExistingVgpuSchema, LayoutMig, PinnedGpu } from "./output-schemas";
import type { ExistingVgpu } from "./outputs";
import { foreseenGpu } from "./pin";
import { readLayout, withDeclaration, withoutDeclaration } from "./read-layout";
import { isUntouched, provesAbsence, toObsolete, vgpuGoal } from "./vgpu-goal";

type Named = LayoutArguments["named"];

export const layout: ResourceKind<LayoutArguments> = {
  name: "VgpuLayout",
  schema: LayoutArguments,
  outputs: z.object({
    ...PinnedGpu.shape,
    instances: z
      .record(z.string(), ExistingVgpuSchema)
      .describe("Its vGPUs: named ones by name, others as TYPE#1, TYPE#2 and so on."),
    mig: LayoutMig.optional().describe("MIG of its GPU, if that supports it."),
  }),

  importedBy: "gpu",

  withDefaults(given, before, urn) {
    if (given.named === unknownValue) return given;
    const earlier = (before.named ?? {}) as Named;
    const withUuid = ([name, one]: [string, Named[string]]) => [
      name,
      { ...one, uuid: one.uuid ?? earlier[name]?.uuid ?? uuidOf(`${urn}::${name}`) },
    ];
    const isKnown = ([, one]: [string, unknown]) => one !== unknownValue;
    const named = Object.entries(given.named as Named).map((entry) => (isKnown(entry) ? withUuid(entry) : entry));
    return { ...given, named: Object.fromEntries(named) as Named };
  },

  id: (_, name, host) => `${host}/${name}`,

  goal: layoutGoal,

  vgpus: ({ instances = {}, named = {} }) => [
    ...Object.values(instances as Record<string, ExistingVgpu>),
    ...Object.values(named as Named),
  ],

  goalOnDelete(declared, resource) {
    const made = Object.values(instancesOf(resource)).flatMap(toObsolete);
    if (isUntouched(resource, made)) return undefined;
    const goal = vgpuGoal(resource, declared.gpu, true, [], made);
    return declared.onDelete === "removeUnused" ? { ...goal, keepInUse: true } : goal;
  },

  observe: (facts, declared, resource) =>
    provesAbsence(facts)
      ? observeLayout(facts, declared, resource)
      : {
          arguments: { ...declared },
          outputs: { ...pick(resource.last, ["gpuAddress", "gpuUuid", "mig"]), instances: instancesOf(resource) },
        },

  foreseen: (facts, declared, resource) => foreseenGpu(facts, declared.gpu, resource.last),

  lookup: (facts, _id, { gpu }) => readLayout(facts, gpu as GpuSelector | undefined, withoutDeclaration),

  lookupForImport: (facts, _id, { gpu }) => readLayout(facts, gpu as GpuSelector | undefined, withDeclaration),
};
