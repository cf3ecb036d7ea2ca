import type { LayoutArguments } from "../../model/desired/vgpu";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { shortName } from "../../model/vgpu-type";
import type { DesiredVgpu, VgpuGoal } from "../../plan";
import { uuidOf } from "../engine/urn";
import type { ResourceInstance } from "../resource-kind";
import type { ExistingVgpu } from "./outputs";
import { remembered, vgpuGoal, withStateKnowledge } from "./vgpu-goal";

/** A place in a layout: a name, or a type with a number. */
export interface Slot {
  key: string;
  wanted: DesiredVgpu;
}

/** The vGPUs that the last run left, by their place. */
export const instancesOf = ({ last }: Pick<ResourceInstance, "last">): Record<string, ExistingVgpu> =>
  (last.instances ?? {}) as Record<string, ExistingVgpu>;

export const isName = (key: string): boolean => !key.includes("#");

export function slotsOf({ vgpus, named }: LayoutArguments, resource: ResourceInstance): Slot[] {
  const keyFor = numbering();
  const counted = (type: VgpuTypeName): Slot => {
    const key = keyFor(type);
    return {
      key,
      wanted: {
        uuid: instancesOf(resource)[key]?.uuid ?? uuidOf(`${resource.urn}::${key}`),
        type,
        interchangeable: true,
      },
    };
  };
  return [
    ...Object.entries(named).map(([name, one]) => ({
      key: name,
      wanted: { ...one, uuid: one.uuid!, name, interchangeable: false },
    })),
    ...Object.entries(vgpus).flatMap(([type, count]) =>
      Array.from({ length: count }, () => counted(type as VgpuTypeName)),
    ),
  ];
}

/** `A40-8Q#1`, `A40-8Q#2`: the next that is not taken. */
export function numbering(taken: ReadonlySet<string> = new Set()): (type: VgpuTypeName) => string {
  const used = new Set(taken);
  return (type) => {
    for (let number = 1; ; number++) {
      const key = `${shortName(type)}#${number}`;
      if (used.has(key)) continue;
      used.add(key);
      return key;
    }
  };
}

/** What is there already and still fits has its UUID in the state; what has no place any more is to go. */
export function layoutGoal(declared: LayoutArguments, resource: ResourceInstance): VgpuGoal {
  const all = instancesOf(resource);
  const wanted = slotsOf(declared, resource).map((slot) => withStateKnowledge(slot.wanted, all[slot.key]));
  const kept = new Set(wanted.map(({ uuid }) => uuid));
  const unwanted = Object.values(all)
    .filter(({ uuid }) => !kept.has(uuid))
    .flatMap(remembered);
  return { ...vgpuGoal(resource, declared.gpu, true, wanted, unwanted), takeOver: declared.takeOver };
}
