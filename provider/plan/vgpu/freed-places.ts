import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isInMigMode } from "../gpu/readiness";
import { sizeOf } from "./capacity";
import type { GpuChanges } from "./gpu-changes";
import { vgpusOn } from "./gpu-changes";
import { inMixedOrder } from "./mixed-order";
import type { ModeChange } from "./mixed-sizes";
import { freeVgpus, withRecreated } from "./recreation";

/** With more free vGPUs than this, not all choices are tried. */
const triedCompletely = 10;

/**
 * Adds the removal and re-creation of free vGPUs on GPUs in mixed-size mode, where the declared ones have no places otherwise: the fewest that
 * leave places for all. Without certainty none is removed.
 */
export function withFreedPlaces(
  facts: HostFacts,
  changes: readonly GpuChanges[],
  modes: readonly ModeChange[],
): GpuChanges[] {
  const open = changes.filter(({ blockers }) => !blockers.length);
  const isMixed = (gpu: Gpu) => gpu.mixedSizes === "on" && !isInMigMode(gpu) && !modes.some((mode) => mode.gpu === gpu);
  const gpus = new Set(open.flatMap(({ gpu, creations }) => (gpu && creations.length && isMixed(gpu) ? [gpu] : [])));
  let result = [...changes];
  for (const gpu of gpus) {
    const there = open.filter((one) => one.gpu === gpu);
    const free = there.flatMap((one) => freeVgpus(facts, one));
    const chosen = choices(gpu, free).find((some) => isSure(facts, gpu, there, some)) ?? [];
    result = result.map((one) => (there.includes(one) ? recreate(facts, gpu, one, chosen) : one));
  }
  return result;
}

const recreate = (facts: HostFacts, gpu: Gpu, changes: GpuChanges, chosen: readonly Vgpu[]): GpuChanges =>
  withRecreated(facts, gpu, changes, chosen, "its place in mixed-size mode is needed for others");

/** Returns whether all that is declared has a place once these vGPUs are removed and created again. */
function isSure(facts: HostFacts, gpu: Gpu, there: readonly GpuChanges[], chosen: readonly Vgpu[]): boolean {
  const after = there.map((one) => recreate(facts, gpu, one, chosen));
  const leaving = new Set(after.flatMap(({ removals }) => removals.map(({ vgpu }) => vgpu)));
  const present = vgpusOn(facts, gpu);
  const staying = present.filter((vgpu) => !leaving.has(vgpu));
  const requested = after.flatMap(({ creations }) => creations.map((creation) => ({ creation })));
  return inMixedOrder(gpu, present, staying, requested)?.isSure ?? false;
}

/** Returns sets of vGPUs, smaller ones first. Those of one size are alike where the driver does not show their places. */
function choices(gpu: Gpu, free: readonly Vgpu[]): Vgpu[][] {
  const keyOf = (vgpu: Vgpu) => `${sizeOf(gpu, vgpu)}@${vgpu.placementId ?? "hidden"}`;
  const found = new Map<string, Vgpu[]>();
  const most = free.length > triedCompletely ? 2 : free.length;
  const add = (from: number, chosen: Vgpu[]): void => {
    const key = chosen.map(keyOf).sort().join(" ");
    if (found.has(key)) return;
    found.set(key, chosen);
    if (chosen.length < most) free.slice(from).forEach((vgpu, i) => add(from + i + 1, [...chosen, vgpu]));
  };
  add(0, []);
  return [...[...found.values()].sort((one, other) => one.length - other.length), [...free]];
}
