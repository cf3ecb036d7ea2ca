import type { Gpu, VgpuType } from "../../model/facts/gpu";
import type { Vgpu } from "../../model/facts/vgpu";
import { sizeOf } from "./capacity";
import { memoryOf, mixedMaximum } from "./mixed-capacity";
import type { MemoryPlace } from "./mixed-places";
import { overlap, placesOf } from "./mixed-places";

/** With more possible results, or trials, the places count as unknown. */
const limits = { found: 32, tried: 1_000 };

const inGiB = (mebibytes: number) => mebibytes / 1024;

/** Returns the places of a type in mixed-size mode; null: its size, or how many fit, is unknown. */
export function placesOfType(
  gpu: Gpu,
  { framebufferMiB, maxInstances }: Pick<VgpuType, "framebufferMiB" | "maxInstances">,
): MemoryPlace[] | null {
  const total = Math.round(inGiB(memoryOf(gpu)));
  if (!total || !framebufferMiB || !maxInstances) return null;
  return placesOf(gpu, total, inGiB(framebufferMiB), mixedMaximum(gpu, { maxInstances }));
}

/**
 * Returns each way in which the vGPUs that stay may be in the memory of a GPU in mixed-size mode; null: that is unknown. Files of the vendor
 * framework show their places. With mdev, those in which vGPUs can be created leave others for the vGPUs that exist.
 *
 * @param present all vGPUs of the GPU now; those that leave it count, because they take places, too
 */
export function possiblePlaces(gpu: Gpu, present: readonly Vgpu[], staying: readonly Vgpu[]): MemoryPlace[][] | null {
  const residents = present.map((vgpu) => ({
    vgpu,
    size: inGiB(sizeOf(gpu, vgpu) ?? 0),
    stays: staying.includes(vgpu),
  }));
  if (residents.some(({ size }) => !size)) return null;
  const hidden = residents.filter(({ vgpu }) => vgpu.placementId === null);
  const shown = residents.flatMap(({ vgpu: { placementId: start }, ...one }) =>
    start === null ? [] : [{ start, ...one }],
  );
  // Of those that leave, nothing else is to be known.
  if (hidden.every(({ stays }) => !stays)) return [shown.filter(({ stays }) => stays)];
  return new HiddenPlaces(gpu, shown).all(hidden);
}

interface Resident {
  size: number;
  stays: boolean;
}

type PlacedResident = Resident & MemoryPlace;

/** A search for all places in which vGPUs may be. */
class HiddenPlaces {
  private readonly places = new Map<number, MemoryPlace[]>();
  /** Size to the places in which vGPUs of it can be created; null: not read. */
  private readonly creatable: ReadonlyMap<number, number[]> | null;
  private readonly found = new Map<string, MemoryPlace[]>();
  private tried = 0;

  constructor(
    gpu: Gpu,
    private readonly shown: readonly PlacedResident[],
  ) {
    // With mdev a GPU lists all its types.
    for (const type of gpu.types) {
      const places = placesOfType(gpu, type);
      if (places) this.places.set(inGiB(type.framebufferMiB!), places);
    }
    this.creatable =
      gpu.creatablePlaces &&
      new Map(gpu.types.map(({ id, framebufferMiB }) => [inGiB(framebufferMiB ?? 0), gpu.creatablePlaces![id] ?? []]));
  }

  all(hidden: readonly Resident[]): MemoryPlace[][] | null {
    // Those that are alike are placed one behind the other, so that no result is found twice.
    const ordered = [...hidden].sort((one, other) => other.size - one.size || Number(one.stays) - Number(other.stays));
    this.placeFrom(ordered, []);
    return this.found.size && !this.isTooMuch ? [...this.found.values()] : null;
  }

  private get isTooMuch(): boolean {
    return this.tried > limits.tried || this.found.size > limits.found;
  }

  private placeFrom([next, ...others]: readonly Resident[], placed: readonly PlacedResident[]): void {
    this.tried++;
    if (this.isTooMuch) return;
    const all = [...this.shown, ...placed];
    if (!next) {
      if (!this.agrees(all)) return;
      const staying = all.filter(({ stays }) => stays).map(({ start, size }) => ({ start, size }));
      this.found.set(JSON.stringify(staying.map(({ start, size }) => [start, size]).sort()), staying);
      return;
    }
    const last = placed.at(-1);
    const isLike = last?.size === next.size && last.stays === next.stays;
    for (const place of this.places.get(next.size) ?? []) {
      if (isLike && place.start < last.start) continue;
      if (this.isCreatable(place) || all.some((other) => overlap(place, other))) continue;
      this.placeFrom(others, [...placed, { ...next, ...place }]);
    }
  }

  /** No vGPU is where one can be created. */
  private isCreatable(place: MemoryPlace): boolean {
    return [...(this.creatable ?? [])].some(([size, starts]) =>
      starts.some((start) => overlap(place, { start, size })),
    );
  }

  /** The driver offers exactly the places that are free then. */
  private agrees(placed: readonly MemoryPlace[]): boolean {
    return [...(this.creatable ?? [])].every(([size, starts]) =>
      (this.places.get(size) ?? []).every(
        (place) => placed.some((other) => overlap(place, other)) !== starts.includes(place.start),
      ),
    );
  }
}
