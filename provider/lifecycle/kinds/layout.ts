import { LayoutArguments } from "../../model/desired/vgpu";
import { resolveGpu } from "../../model/gpu-selector";
import { identityOf } from "../../plan/vgpu";
import type { ResourceKind } from "../resource-kind";
import { pick } from "../state";
import { unknownValue } from "../unknown-value";
import { uuidOf } from "../uuid";
import { cardDesire, isSure, isUntouched, remembered } from "./card";
import { asLayout, lookAt } from "./layout-seen";
import { allOf, layoutDesire } from "./layout-slots";
import type { ExistingVgpu } from "./outputs";

type Named = LayoutArguments["named"];

export const layout: ResourceKind<LayoutArguments> = {
  name: "VgpuLayout",
  schema: LayoutArguments,

  complete(given, before, urn) {
    if (given.named === unknownValue) return given;
    const earlier = (before.named ?? {}) as Named;
    const withUuid = ([name, one]: [string, Named[string]]) => [name, { ...one, uuid: one.uuid ?? earlier[name]?.uuid ?? uuidOf(`${urn}::${name}`) }];
    const isKnown = ([, one]: [string, unknown]) => one !== unknownValue;
    const named = Object.entries(given.named as Named).map((entry) => (isKnown(entry) ? withUuid(entry) : entry));
    return { ...given, named: Object.fromEntries(named) as Named };
  },

  id: (_, name, host) => `${host}/${name}`,

  desire: layoutDesire,

  vgpus: ({ all = {}, named = {} }) => [...Object.values(all as Record<string, ExistingVgpu>), ...Object.values(named as Named)],

  farewell(declared, subject) {
    const made = Object.values(allOf(subject)).flatMap(remembered);
    if (isUntouched(subject, made)) return undefined;
    const desire = cardDesire(subject, declared.gpu, true, [], made);
    return declared.onDelete === "removeFree" ? { ...desire, usedStay: true } : desire;
  },

  see: (facts, declared, subject) =>
    isSure(facts)
      ? lookAt(facts, declared, subject)
      : { arguments: { ...declared }, outputs: { ...pick(subject.last, ["gpuAddress", "gpuUuid"]), all: allOf(subject) } },

  find(facts, _id, { gpu }) {
    if (gpu === undefined) return undefined;
    const { address, uuid } = resolveGpu(gpu as LayoutArguments["gpu"], facts.gpus);
    const carried = facts.vgpus.filter((vgpu) => vgpu.gpu === address);
    const found = carried.map((vgpu) => ({ vgpu, uuid: identityOf(facts, vgpu) ?? uuidOf(vgpu.function) }));
    if (found.length === 0) return undefined;
    const sight = asLayout(facts, { gpu: gpu as LayoutArguments["gpu"], vgpus: {}, onDelete: "remove" }, found);
    return { ...sight, outputs: { gpuAddress: address, gpuUuid: uuid ?? undefined, ...sight.outputs } };
  },
};
