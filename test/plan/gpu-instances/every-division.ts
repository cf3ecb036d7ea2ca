import type { GpuInstance, GpuInstanceProfile } from "../../../provider/model/facts/mig";

/** Returns every set of instances that an empty GPU has room for. */
export function everyDivision(profiles: readonly GpuInstanceProfile[]): GpuInstance[][] {
  const places = profiles.flatMap(({ id, size, starts }) => starts.map((start) => ({ profileId: id, start, size })));
  const withMedia = new Set(profiles.filter(({ name }) => name.includes("+me")).map(({ id }) => id));
  const layouts: GpuInstance[][] = [];
  const extend = (from: number, layout: GpuInstance[]) => {
    layouts.push(layout);
    places.slice(from).forEach((place, i) => {
      const { name, total } = profiles.find(({ id }) => id === place.profileId)!;
      const counts = ({ profileId }: { profileId: number }) =>
        profileId === place.profileId || (name.includes("+me") && withMedia.has(profileId));
      const isFull = layout.filter(counts).length >= total;
      if (!isFull && !layout.some((other) => overlaps(place, other)))
        extend(from + i + 1, [...layout, { ...place, id: from + i }]);
    });
  };
  extend(0, []);
  return layouts;
}

export const overlaps = (one: { start: number; size: number }, other: { start: number; size: number }) =>
  one.start + one.size > other.start && other.start + other.size > one.start;
