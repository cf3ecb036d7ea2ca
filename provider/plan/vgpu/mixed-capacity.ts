import { knownTypesOf } from "../../model/catalogue";
import type { Gpu } from "../../model/facts/gpu";
import { formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import type { Occupant } from "./capacity";
import type { OfferedType } from "./offered";

/** H200: all sizes have as many places in mixed-size mode. */
const withoutLoss = ["2335", "233b"];

/** Returns how many of a type have a place in mixed-size mode: a power of two (B93). */
export function mixedMaximum({ deviceId }: Gpu, { maxInstances }: Pick<OfferedType, "maxInstances">): number {
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
export const memoryOf = (gpu: Gpu): number =>
  Math.max(
    ...[...gpu.types, ...(knownTypesOf(gpu.deviceId) ?? []), gpu].map(({ framebufferMiB }) => framebufferMiB ?? 0),
  );
