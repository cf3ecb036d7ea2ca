import type { Gpu } from "../../model/facts/gpu";

/** A part of the memory of a GPU, in GiB. */
export interface MemoryPlace {
  start: number;
  size: number;
}

/**
 * Returns where vGPUs of a size can be in mixed-size mode, in the order in which the driver takes them (B93, B151). The GPU is divided into a
 * power of two of parts. A vGPU that is smaller than its part is at the start of an even one, and at the end of an odd one.
 */
export function placesOf({ deviceId }: Gpu, total: number, size: number, count: number): MemoryPlace[] {
  // H200: all sizes have their equal places.
  if (total === 141) return Array.from({ length: count }, (_, n) => ({ start: n * size, size }));
  // 1 GiB of 48: Ada has 16 places, all others lack two.
  const isSmallest = total === 48 && size === 1;
  const parts = isSmallest && deviceId.startsWith("26") ? 16 : count;
  const missing = isSmallest && parts === 32 ? [8, 32] : [];
  return Array.from({ length: parts }, (_, n) => Math.floor((total * (n + (n % 2))) / parts - (n % 2) * size))
    .filter((start) => !missing.includes(start))
    .map((start) => ({ start, size }));
}

/**
 * Returns these vGPUs in an order in which each gets a place, if the driver takes the first free one of its size each time (B151); null
 * if there is no such order.
 *
 * @param placesFor the places of its size, always the same list for one size
 */
export function mixedOrder<T>(
  vgpus: readonly T[],
  taken: readonly MemoryPlace[],
  placesFor: (vgpu: T) => readonly MemoryPlace[],
): T[] | null {
  const sizes = [...new Set(vgpus.map(placesFor))].sort((one, other) => (other[0]?.size ?? 0) - (one[0]?.size ?? 0));
  const bySize = sizes.map((places) => ({ places, vgpus: vgpus.filter((one) => placesFor(one) === places) }));
  const impossible = new Set<string>();

  const search = (left: readonly number[], used: readonly MemoryPlace[]): T[] | null => {
    if (left.every((count) => count === 0)) return [];
    const state = JSON.stringify([left, used.map(({ start }) => start).sort()]);
    if (impossible.has(state)) return null;
    for (const [i, { places, vgpus: alike }] of bySize.entries()) {
      const free = left[i] ? places.find((place) => !used.some((other) => overlap(place, other))) : undefined;
      if (!free) continue;
      const without = left.map((count, n) => (n === i ? count - 1 : count));
      const rest = search(without, [...used, free]);
      if (rest) return [alike[alike.length - left[i]!]!, ...rest];
    }
    impossible.add(state);
    return null;
  };
  return search(
    bySize.map(({ vgpus: alike }) => alike.length),
    taken,
  );
}

/** Returns whether each of these vGPUs gets a place, if they are created in this order and the driver takes the first free one (B151). */
export function fitsInOrder<T>(
  vgpus: readonly T[],
  taken: readonly MemoryPlace[],
  placesFor: (vgpu: T) => readonly MemoryPlace[],
): boolean {
  const used = [...taken];
  return vgpus.every((vgpu) => {
    const free = placesFor(vgpu).find((place) => !used.some((other) => overlap(place, other)));
    if (free) used.push(free);
    return free !== undefined;
  });
}

export const overlap = (one: MemoryPlace, other: MemoryPlace) =>
  one.start < other.start + other.size && other.start < one.start + one.size;
