import { knownTypesOf } from "../../model/catalogue";
import type { Gpu } from "../../model/facts/gpu";
import type { Vgpu } from "../../model/facts/vgpu";
import { enumerate, formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import type { Occupant } from "./capacity";
import { sizeOf } from "./capacity";
import type { Creation } from "./gpu-changes";
import type { MemoryPlace } from "./mixed-places";
import { mixedOrder, placesOf } from "./mixed-places";
import type { OfferedType } from "./offered";

/** H200: all sizes have as many places in mixed-size mode. */
const withoutLoss = ["2335", "233b"];

/** Returns how many of a type have a place in mixed-size mode: a power of two (B93). */
export function mixedMaximum({ deviceId }: Gpu, { maxInstances }: OfferedType): number {
  if (maxInstances === null) return Number.POSITIVE_INFINITY;
  return withoutLoss.includes(deviceId) ? maxInstances : 2 ** Math.floor(Math.log2(maxInstances));
}

/** Returns why one more vGPU does not fit next to others of several sizes: too many of its size, or too little memory. */
export function mixedCapacityBlocker(
  gpu: Gpu,
  others: readonly Omit<Occupant, "function">[],
  type: OfferedType,
): BlockerReason | null {
  const alike = others.filter(({ framebufferMiB }) => framebufferMiB === type.framebufferMiB).length;
  const maximum = mixedMaximum(gpu, type);
  const total = memoryOf(gpu);
  const used = others.reduce((sum, { framebufferMiB }) => sum + (framebufferMiB ?? 0), 0);
  const isTooLarge = total > 0 && used + (type.framebufferMiB ?? 0) > total;
  if (alike < maximum && !isTooLarge) return null;
  const why = isTooLarge
    ? `has ${Math.round(total / 1024)} GiB for vGPUs: ${used / 1024} GiB are taken or declared, and ${type.name} is declared too`
    : `fits ${maximum} ${type.name} in mixed-size mode, and more are declared`;
  return { device: gpu.address, reason: `${formatGpu(gpu)} ${why}`, hint: "Reduce the count or use smaller types" };
}

/** Returns the memory for vGPUs in MiB; 0: unknown. A GPU with vGPUs may list their size only (B70). */
const memoryOf = (gpu: Gpu): number =>
  Math.max(
    ...[...gpu.types, ...(knownTypesOf(gpu.deviceId) ?? []), gpu].map(({ framebufferMiB }) => framebufferMiB ?? 0),
  );

/** Returns creations of several sizes in an order in which the driver has a place for each; null if there is none. Larger ones are first. */
export function inMixedOrder<T extends { creation: Creation }>(
  gpu: Gpu,
  present: readonly Vgpu[],
  requested: readonly T[],
): T[] | null {
  const sizeOfType = ({ creation }: T) => creation.type.framebufferMiB ?? 0;
  const largestFirst = [...requested].sort((one, other) => sizeOfType(other) - sizeOfType(one));
  const total = Math.round(memoryOf(gpu) / 1024);
  const taken = present.flatMap((vgpu) => {
    const size = sizeOf(gpu, vgpu);
    return vgpu.placementId === null || size === null ? [] : [{ start: vgpu.placementId, size: size / 1024 }];
  });
  const isKnownPlace = taken.length === present.length && total > 0;
  if (!isKnownPlace || requested.some(({ creation: { type } }) => !type.framebufferMiB || !type.maxInstances))
    return largestFirst;
  const places = new Map<number, MemoryPlace[]>();
  for (const { creation } of requested) {
    const size = creation.type.framebufferMiB! / 1024;
    if (!places.has(size)) places.set(size, placesOf(gpu, total, size, mixedMaximum(gpu, creation.type)));
  }
  return mixedOrder(largestFirst, taken, (one) => places.get(sizeOfType(one) / 1024)!);
}

export const noPlacesBlocker = (gpu: Gpu, requested: readonly { creation: Creation }[]): BlockerReason => {
  const names = requested.map(({ creation }) => creation.type.name);
  const counts = [...new Set(names)].map((name) => `${names.filter((one) => one === name).length} × ${name}`);
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} has no places for ${enumerate(counts)} in mixed-size mode, in which each size has places of its own`,
    hint: "Reduce the count or use other sizes; nvidia-smi vgpu -s -v shows the places of each type",
  };
};
