import type { Gpu, VgpuFunction } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import type { Occupant } from "./capacity";
import { capacityBlocker, mixesSizes, occupants, sizeOf } from "./capacity";
import { displacedRecords, FunctionAllocator } from "./function-allocator";
import type { Creation, GpuChanges } from "./gpu-changes";
import { vgpusOn } from "./gpu-changes";
import { orRenamed } from "./renamed";

/** A creation with its place. */
export interface Placed extends Creation {
  work: GpuChanges;
  function: VgpuFunction;
  /** What has to be gone first. */
  needs: Vgpu[];
  /** UUIDs of vGPUs that were here once, and are not any more. */
  displaces: string[];
}

/**
 * Finds a place for each creation, card by card. A goal that does not fit gets an obstacle, and then nothing of it is
 * done: what it would have freed stays, which may leave the others without room, so all are tried again.
 */
export function placeVgpus(facts: HostFacts, works: readonly GpuChanges[]): { works: GpuChanges[]; placed: Placed[] } {
  let settled = [...works];
  for (;;) {
    const open = settled.filter(({ obstacles }) => !obstacles.length);
    const leaving = new Set(open.flatMap(({ removals }) => removals.map(({ vgpu }) => vgpu)));
    const cards = [...new Set(open.flatMap(({ gpu, creations }) => (gpu && creations.length ? [gpu] : [])))];
    const outcomes = cards.map((gpu) =>
      placeOnGpu(
        facts,
        gpu,
        open.filter((work) => work.gpu === gpu),
        leaving,
      ),
    );
    const refused = outcomes.flatMap((outcome) => ("refused" in outcome ? [outcome] : []));
    if (!refused.length)
      return { works: settled, placed: outcomes.flatMap((outcome) => ("placed" in outcome ? outcome.placed : [])) };
    settled = settled.map((work) => {
      const why = refused.find((one) => one.refused === work);
      return why ? { ...work, obstacles: [why.because] } : work;
    });
  }
}

type Outcome = { placed: Placed[] } | { refused: GpuChanges; because: BlockerReason };

function placeOnGpu(facts: HostFacts, gpu: Gpu, works: GpuChanges[], leaving: Set<Vgpu>): Outcome {
  const carried = vgpusOn(facts, gpu);
  const gone = carried.filter((vgpu) => leaving.has(vgpu));
  const mixed = mixesSizes(gpu, carried);
  const places = new FunctionAllocator(
    facts,
    gpu,
    works.map(({ goal }) => goal),
  );
  const beside: Occupant[] = carried.filter((vgpu) => !leaving.has(vgpu)).map((vgpu) => occupants(facts, gpu, vgpu));
  const placed: Placed[] = [];
  for (const work of works) {
    for (const creation of work.creations) {
      const full = mixed ? null : capacityBlocker(gpu, beside, creation, work);
      if (full) return { refused: work, because: orRenamed(full, facts, carried, work.goal) };
      const fn = places.choose(creation, beside);
      if ("reason" in fn) return { refused: work, because: fn };
      const unwilling = gone.length ? null : notCreatableBlocker(gpu, fn, creation, placed.length);
      if (unwilling) return { refused: work, because: unwilling };
      beside.push({
        name: creation.type.name,
        framebufferMiB: creation.type.framebufferMiB,
        at: fn.address,
        comesWith: work,
      });
      const needs = needed(gpu, creation, fn, gone, carried.length + placed.length);
      placed.push({
        ...creation,
        work,
        function: fn,
        needs,
        displaces: displacedRecords(facts, fn, creation.wanted, carried),
      });
    }
  }
  return { placed };
}

/** As long as nothing leaves the card, what the host offers now is the last word. */
function notCreatableBlocker(
  gpu: Gpu,
  { creatable, address, index }: VgpuFunction,
  { type }: Creation,
  before: number,
): BlockerReason | null {
  if (!isKnown(creatable) || type.id === null) return null;
  const left = (creatable[type.id] ?? 0) - (index === null ? before : 0);
  if (left > 0) return null;
  return {
    device: address,
    reason: `${formatGpu(gpu)} has no room for ${type.name} on ${address} now`,
    hint: "nvidia-smi vgpu -c shows what can be created",
  };
}

/** Its own place; and everything that goes, when it decides the size or takes up the room. */
function needed(gpu: Gpu, { type, replaces }: Creation, fn: VgpuFunction, gone: Vgpu[], count: number): Vgpu[] {
  const decides = gone.some((vgpu) => sizeOf(gpu, vgpu) === null || sizeOf(gpu, vgpu) !== type.framebufferMiB);
  const isFull = type.maxInstances === null || count >= type.maxInstances;
  const needs = gone.filter((vgpu) => decides || isFull || (fn.index !== null && vgpu.function === fn.address));
  return replaces && !needs.includes(replaces) ? [...needs, replaces] : needs;
}
