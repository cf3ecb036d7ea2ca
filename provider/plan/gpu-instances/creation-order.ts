import type { MigVgpuType } from "../../model/facts/mig";

/** A GPU instance, and the vGPUs that are on it at a moment. */
export interface FilledInstance {
  profileId: number;
  start: number;
  /** Of its vGPUs; null while it has none. */
  framebufferMiB: number | null;
  count: number;
  /** One of its vGPUs belongs to a resource of the plan. */
  isManaged: boolean;
}

/**
 * Returns vGPUs in an order in which the driver has an instance for each. It takes the lowest one with room (B118), and may thus begin an
 * empty one for a vGPU that also fits next to others. So those of a framebuffer size that needs one more instance are created first.
 *
 * @param instances as they are before the first creation; afterwards as they are after the last
 */
export function creationOrder<T extends { mig: MigVgpuType }>(
  vgpus: readonly T[],
  instances: readonly FilledInstance[],
): T[] {
  const left = [...vgpus];
  const ordered: T[] = [];
  while (left.length) {
    const next = left.find((one) => needsInstance(one, left, instances)) ?? left[0]!;
    left.splice(left.indexOf(next), 1);
    ordered.push(next);
    fill(next.mig, true, instances);
  }
  return ordered;
}

/** Adds a vGPU where the driver creates it. Ids rise with the place, so the lowest id is the first place. */
export function fill(type: MigVgpuType, isManaged: boolean, instances: readonly FilledInstance[]): void {
  const [lowest] = instances
    .filter((one) => one.profileId === type.profileId && (one.count === 0 || hasRoom(one, type)))
    .sort((one, other) => one.start - other.start);
  if (!lowest) return;
  lowest.framebufferMiB = type.framebufferMiB;
  lowest.count++;
  lowest.isManaged ||= isManaged;
}

const hasRoom = ({ framebufferMiB, count }: FilledInstance, type: MigVgpuType) =>
  framebufferMiB === type.framebufferMiB && count < type.perInstance;

/** Returns whether the rest of this framebuffer size does not fit next to others. */
function needsInstance<T extends { mig: MigVgpuType }>(
  { mig }: T,
  left: readonly T[],
  instances: readonly FilledInstance[],
): boolean {
  const isAlike = (one: { profileId: number; framebufferMiB: number | null }) =>
    one.profileId === mig.profileId && one.framebufferMiB === mig.framebufferMiB;
  const room = instances.filter(isAlike).reduce((sum, { count }) => sum + mig.perInstance - count, 0);
  return left.filter((one) => isAlike(one.mig)).length > room;
}
