import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { formatGpu } from "../format";
import type { VgpuGoal } from "../goal";
import { isInMigMode } from "../gpu/readiness";
import type { BlockerReason } from "../plan";
import { isBlocker } from "../plan";
import { isInUse, usedReason } from "../use";
import type { Assignment } from "./assign";
import { sizeOf } from "./capacity";
import type { Creation, GpuChanges } from "./gpu-changes";
import { vgpusOn } from "./gpu-changes";
import { mixedMaximum } from "./mixed-capacity";
import { offeredType } from "./offered";
import { formatVgpu, recordOf } from "./vgpu";

/** A change of mixed-size mode of a GPU, which has no vGPU then. */
export interface ModeChange {
  gpu: Gpu;
  on: boolean;
  goals: VgpuGoal[];
  /** All vGPUs that the GPU has now. */
  leaving: Vgpu[];
}

/**
 * Adds the changes of mixed-size mode that layouts need: on for several framebuffer sizes, off where one size needs more vGPUs than the
 * mode has places for. The mode changes only on an empty GPU (B147), so free vGPUs of these layouts are created again after it.
 */
export function withMixedSizes(
  facts: HostFacts,
  changes: readonly GpuChanges[],
): { changes: GpuChanges[]; modes: ModeChange[] } {
  const gpus = [...new Set(changes.flatMap(({ gpu, blockers }) => (gpu && !blockers.length ? [gpu] : [])))];
  let result = [...changes];
  const modes: ModeChange[] = [];
  for (const gpu of gpus) {
    const there = result.filter((one) => one.gpu === gpu && !one.blockers.length);
    const on = neededMode(gpu, there);
    if (on === undefined) continue;
    const emptied = there.map((one) => emptiedBy(facts, gpu, one));
    const blockers = stayingBlockers(facts, gpu, emptied);
    result = result.map((one) => {
      const at = there.indexOf(one);
      if (at < 0) return one;
      if (!blockers.length) return emptied[at]!;
      return one.creations.length ? { ...one, blockers } : one;
    });
    if (!blockers.length) modes.push({ gpu, on, goals: emptied.map(({ goal }) => goal), leaving: vgpusOn(facts, gpu) });
  }
  return { changes: result, modes };
}

/** Returns the mode that a GPU needs and does not have; undefined: no change. */
function neededMode(gpu: Gpu, there: readonly GpuChanges[]): boolean | undefined {
  const isPlanned = there.some(({ goal, creations }) => goal.managesWholeGpu && creations.length > 0);
  if (gpu.mixedSizes === null || isInMigMode(gpu) || !isPlanned) return undefined;
  const kept = there.flatMap((one) => one.kept);
  const creations = there.flatMap((one) => one.creations);
  const sizes = [...kept.map(({ vgpu }) => sizeOf(gpu, vgpu!)), ...creations.map(({ type }) => type.framebufferMiB)];
  if (new Set(sizes.filter((size) => size !== null)).size > 1) return gpu.mixedSizes === "on" ? undefined : true;
  const [first] = creations;
  const isFull = first !== undefined && sizes.length > mixedMaximum(gpu, first.type);
  return gpu.mixedSizes === "on" && isFull ? false : undefined;
}

/** Returns the changes with its free vGPUs removed and created again. */
function emptiedBy(facts: HostFacts, gpu: Gpu, changes: GpuChanges): GpuChanges {
  const reason = "mixed-size mode changes only while the GPU has no vGPU";
  const again = changes.kept.flatMap((one): { assignment: Assignment; creation: Creation }[] => {
    const type = offeredType(gpu, vgpusOn(facts, gpu), one.desired.type);
    const isOwn = recordOf(facts, one.vgpu!)?.owner === changes.goal.claim.owner;
    const isFree = isOwn && !recordOf(facts, one.vgpu!)?.adopted && !isInUse(one.vgpu!.users);
    if (!isFree || isBlocker(type)) return [];
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

function stayingBlockers(facts: HostFacts, gpu: Gpu, there: readonly GpuChanges[]): BlockerReason[] {
  const leaving = new Set(there.flatMap(({ removals }) => removals.map(({ vgpu }) => vgpu)));
  return vgpusOn(facts, gpu)
    .filter((vgpu) => !leaving.has(vgpu))
    .map((vgpu) => {
      const used = isInUse(vgpu.users)
        ? usedReason(formatVgpu(vgpu), vgpu.users, "Shut the guest down and take the vGPU out of its definition")
        : { reason: `${formatVgpu(vgpu)} stays`, hint: "Remove it, or choose types of its framebuffer size" };
      const reason = `mixed-size mode of ${formatGpu(gpu)} changes only while it has no vGPU, and ${used.reason}`;
      return { device: gpu.address, reason, hint: used.hint };
    });
}
