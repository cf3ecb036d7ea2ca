import type { MigVgpuType } from "../../model/facts/mig";

/** A vGPU that needs a place on a GPU instance. */
export interface InstanceUser {
  type: MigVgpuType;
  /** The id of the instance that it has; null: it has none yet, or the driver does not show it. */
  instance: number | null;
  /** It belongs to a resource of the plan. */
  isManaged: boolean;
}

/**
 * Returns profile id to the number of GPU instances that these vGPUs need. Where one instance has room for several vGPUs, those have the
 * same framebuffer size (B123).
 */
export function requiredInstances(users: readonly InstanceUser[]): Map<number, number> {
  const groups = new Map<string, InstanceUser[]>();
  for (const user of users) {
    const key = `${user.type.profileId}/${user.type.framebufferMiB}`;
    groups.set(key, [...(groups.get(key) ?? []), user]);
  }
  const required = new Map<number, number>();
  for (const group of groups.values()) {
    const { profileId, perInstance } = group[0]!.type;
    required.set(profileId, (required.get(profileId) ?? 0) + instancesFor(group, perInstance));
  }
  return required;
}

/** Fills the instances that vGPUs of the group have already, then new ones. */
function instancesFor(group: readonly InstanceUser[], perInstance: number): number {
  const placed = group.filter(({ instance }) => instance !== null);
  const used = new Set(placed.map(({ instance }) => instance)).size;
  const room = used * perInstance - placed.length;
  const rest = group.length - placed.length;
  return used + Math.ceil(Math.max(0, rest - room) / perInstance);
}
