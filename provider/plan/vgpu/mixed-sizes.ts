import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { formatGpu } from "../format";
import type { VgpuGoal } from "../goal";
import { isInMigMode } from "../gpu/readiness";
import type { BlockerReason } from "../plan";
import { sizeOf } from "./capacity";
import type { GpuChanges } from "./gpu-changes";
import { vgpusOn } from "./gpu-changes";
import { mixedMaximum } from "./mixed-capacity";
import { freeVgpus, withRecreated } from "./recreation";
import { stayingReason } from "./staying";

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

const emptiedBy = (facts: HostFacts, gpu: Gpu, changes: GpuChanges): GpuChanges =>
  withRecreated(
    facts,
    gpu,
    changes,
    freeVgpus(facts, changes),
    "mixed-size mode changes only while the GPU has no vGPU",
  );

function stayingBlockers(facts: HostFacts, gpu: Gpu, there: readonly GpuChanges[]): BlockerReason[] {
  const leaving = new Set(there.flatMap(({ removals }) => removals.map(({ vgpu }) => vgpu)));
  return vgpusOn(facts, gpu)
    .filter((vgpu) => !leaving.has(vgpu))
    .map((vgpu) => {
      const { reason, hint } = stayingReason(vgpu, "Remove it, or choose types of its framebuffer size");
      const why = `mixed-size mode of ${formatGpu(gpu)} changes only while it has no vGPU, and ${reason}`;
      return { device: gpu.address, reason: why, hint };
    });
}
