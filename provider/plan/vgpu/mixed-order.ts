import type { Gpu } from "../../model/facts/gpu";
import type { Vgpu } from "../../model/facts/vgpu";
import { enumerate, formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import { sizeOf } from "./capacity";
import type { Creation } from "./gpu-changes";
import { placesOfType, possiblePlaces } from "./hidden-places";
import type { MemoryPlace } from "./mixed-places";
import { fitsInOrder, mixedOrder } from "./mixed-places";
import { stayingReason } from "./staying";

export interface MixedOrder<T> {
  order: T[];
  /** Each has a place, wherever the vGPUs are that stay. */
  isSure: boolean;
}

/**
 * Returns creations of several sizes in an order in which the driver has a place for each; null if there is none. Where the driver does not show
 * the places of vGPUs that stay, the order is the one that fits in the most cases.
 *
 * @param present all vGPUs of the GPU now
 */
export function inMixedOrder<T extends { creation: Creation }>(
  gpu: Gpu,
  present: readonly Vgpu[],
  staying: readonly Vgpu[],
  requested: readonly T[],
): MixedOrder<T> | null {
  const sizeOfType = ({ creation }: T) => creation.type.framebufferMiB ?? 0;
  const largestFirst = [...requested].sort((one, other) => sizeOfType(other) - sizeOfType(one));
  const possible = possiblePlaces(gpu, present, staying);
  const places = new Map<number, MemoryPlace[] | null>();
  for (const one of requested)
    if (!places.has(sizeOfType(one))) places.set(sizeOfType(one), placesOfType(gpu, one.creation.type));
  if (!possible || [...places.values()].includes(null))
    return { order: largestFirst, isSure: staying.every(({ placementId }) => placementId !== null) };
  const placesFor = (one: T) => places.get(sizeOfType(one))!;
  const fitting = (order: T[]) => possible.filter((taken) => fitsInOrder(order, taken, placesFor)).length;
  const [best] = possible
    .map((taken) => mixedOrder(largestFirst, taken, placesFor))
    .flatMap((order) => (order ? [{ order, cases: fitting(order) }] : []))
    .sort((one, other) => other.cases - one.cases);
  return best ? { order: best.order, isSure: best.cases === possible.length } : null;
}

/** Returns why there are no places: what stays, where it would fit without that. */
export function noPlacesBlocker(
  gpu: Gpu,
  staying: readonly Vgpu[],
  requested: readonly { creation: Creation }[],
): BlockerReason {
  const names = requested.map(({ creation }) => creation.type.name);
  const counts = [...new Set(names)].map((name) => `${names.filter((one) => one === name).length} × ${name}`);
  const reason = `${formatGpu(gpu)} has no places for ${enumerate(counts)} in mixed-size mode, in which each size has places of its own`;
  const fewer = "Reduce the count or use other sizes; nvidia-smi vgpu -s -v shows the places of each type";
  const stays = staying
    .map((vgpu) => stayingReason(vgpu, fewer))
    .sort((one, other) => Number(one.hint === fewer) - Number(other.hint === fewer));
  if (!stays.length || !fitsWithout(gpu, staying, requested)) return { device: gpu.address, reason, hint: fewer };
  return {
    device: gpu.address,
    reason: `${reason}, and ${enumerate(stays.map((one) => one.reason))}`,
    hint: stays[0]!.hint,
  };
}

/** Returns whether these and the vGPUs that stay fit on the empty GPU. */
function fitsWithout(gpu: Gpu, staying: readonly Vgpu[], requested: readonly { creation: Creation }[]): boolean {
  const types = [
    ...requested.map(({ creation }) => creation.type),
    ...staying.map((vgpu) => ({
      framebufferMiB: sizeOf(gpu, vgpu),
      maxInstances: gpu.types.find(({ id }) => id === vgpu.type.id)?.maxInstances ?? null,
    })),
  ];
  const places = new Map(types.map((type) => [type.framebufferMiB, placesOfType(gpu, type)]));
  if ([...places.values()].includes(null)) return false;
  return mixedOrder(types, [], (type) => places.get(type.framebufferMiB)!) !== null;
}
