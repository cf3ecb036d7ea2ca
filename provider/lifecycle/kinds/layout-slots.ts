import type { LayoutArguments } from "../../model/desired/vgpu";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { shortName } from "../../model/vgpu-type";
import type { DesiredVgpu, VgpuGoal } from "../../plan";
import { uuidOf } from "../engine/urn";
import type { ResourceInstance } from "../resource-kind";
import type { ExistingVgpu } from "./outputs";
import { restorerOf } from "./restorer";
import { toObsolete, vgpuGoal, withStateKnowledge } from "./vgpu-goal";

/** A place in a layout, with the vGPU that belongs there. Its key is a name, or a type with a number. */
export interface Slot {
  key: string;
  desired: DesiredVgpu;
}

/** Returns the vGPUs of the last state, by the key of their slot. */
export const instancesOf = ({ last }: Pick<ResourceInstance, "last">): Record<string, ExistingVgpu> =>
  (last.instances ?? {}) as Record<string, ExistingVgpu>;

export const isName = (key: string): boolean => !key.includes("#");

export function slotsOf({ vgpus, named }: LayoutArguments, resource: ResourceInstance): Slot[] {
  const keyFor = numbering();
  const counted = (type: VgpuTypeName): Slot => {
    const key = keyFor(type);
    return {
      key,
      desired: {
        uuid: instancesOf(resource)[key]?.uuid ?? uuidOf(`${resource.urn}::${key}`),
        type,
        interchangeable: true,
      },
    };
  };
  return [
    ...Object.entries(named).map(([name, one]) => ({
      key: name,
      desired: { ...one, uuid: one.uuid!, name, interchangeable: false },
    })),
    ...Object.entries(vgpus).flatMap(([type, count]) =>
      Array.from({ length: count }, () => counted(type as VgpuTypeName)),
    ),
  ];
}

/** Returns a function that gives the next free key of a type: `A40-8Q#1`, `A40-8Q#2`. */
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

/** Returns the goal of a layout. vGPUs of the last state keep their UUID; those without a slot are obsolete. */
export function layoutGoal(declared: LayoutArguments, resource: ResourceInstance): VgpuGoal {
  const instances = instancesOf(resource);
  const desired = slotsOf(declared, resource).map((slot) => withStateKnowledge(slot.desired, instances[slot.key]));
  const kept = new Set(desired.map(({ uuid }) => uuid));
  const obsolete = Object.values(instances)
    .filter(({ uuid }) => !kept.has(uuid))
    .flatMap(toObsolete);
  const { gpu, takeOver, gpuInstances, restoreAtBoot } = declared;
  const goal = vgpuGoal(resource, gpu, true, desired, obsolete);
  return { ...goal, takeOver, gpuInstances, restorer: restorerOf({ restoreAtBoot }) };
}
