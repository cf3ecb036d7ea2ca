import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isBlocker } from "../plan";
import { isInUse } from "../use";
import type { Assignment } from "./assign";
import type { Creation, GpuChanges } from "./gpu-changes";
import { vgpusOn } from "./gpu-changes";
import { offeredType } from "./offered";
import { recordOf } from "./vgpu";

/** Returns the kept vGPUs that the stack of a goal created and no one uses: they may be removed and created again. */
export const freeVgpus = (facts: HostFacts, { kept, goal }: GpuChanges): Vgpu[] =>
  kept.flatMap(({ vgpu }) => {
    const record = recordOf(facts, vgpu!);
    const isOwn = record?.owner === goal.claim.owner && !record.adopted;
    return isOwn && !isInUse(vgpu!.users) ? [vgpu!] : [];
  });

/** Returns changes in which these kept vGPUs are removed and created again. */
export function withRecreated(
  facts: HostFacts,
  gpu: Gpu,
  changes: GpuChanges,
  chosen: readonly Vgpu[],
  reason: string,
): GpuChanges {
  const again = changes.kept.flatMap((one): { assignment: Assignment; creation: Creation }[] => {
    const type = offeredType(gpu, vgpusOn(facts, gpu), one.desired.type);
    if (!chosen.includes(one.vgpu!) || isBlocker(type)) return [];
    return [{ assignment: one, creation: { desired: one.desired, type, reason, replaces: one.vgpu } }];
  });
  const isAgain = (one: Assignment) => again.some(({ assignment }) => assignment === one);
  return {
    ...changes,
    kept: changes.kept.filter((one) => !isAgain(one)),
    creations: [...changes.creations, ...again.map(({ creation }) => creation)],
    removals: [...changes.removals, ...again.map(({ assignment }) => ({ vgpu: assignment.vgpu!, reason }))],
  };
}
