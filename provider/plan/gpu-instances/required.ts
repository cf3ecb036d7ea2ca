import type { MigVgpuType } from "../../model/facts/mig";

/** A vGPU that needs a place on a GPU instance. */
export interface InstanceUser {
  type: MigVgpuType;
  /** The id of the instance that it is on; `hidden`: it is on one of its profile, and the driver does not show on which. */
  instance: number | "hidden" | "none yet";
  /** It belongs to a resource of the plan. */
  isManaged: boolean;
}

/**
 * Returns profile id to the number of GPU instances that these vGPUs need. Where one instance has room for several vGPUs, those have the
 * same framebuffer size (B123).
 *
 * @param existing profile id to the number of instances that exist
 */
export function requiredInstances(
  users: readonly InstanceUser[],
  existing: ReadonlyMap<number, number>,
): Map<number, number> {
  const required = new Map<number, number>();
  for (const profileId of new Set(users.map(({ type }) => type.profileId))) {
    const groups = groupsBySize(users.filter(({ type }) => type.profileId === profileId));
    const sumOf = (count: (group: Group) => number) => groups.reduce((sum, group) => sum + count(group), 0);
    const fewest = sumOf(({ fewestUsed }) => fewestUsed);
    const isAdded = groups.some(({ added }) => added > 0);
    const hiddenOnMore = isAdded ? Math.max(0, (existing.get(profileId) ?? 0) - fewest) : 0;
    const atMost = sumOf((group) => instancesFor(group, 0)) + hiddenOnMore;
    const each = sumOf((group) => instancesFor(group, hiddenOnMore));
    required.set(profileId, Math.min(atMost, each));
  }
  return required;
}

/** vGPUs of one framebuffer size on instances of one profile. */
interface Group {
  perInstance: number;
  /** How many exist, how many of those are hidden, and how many are to be created. */
  present: number;
  hidden: number;
  added: number;
  /** On how many instances those that exist are, if the hidden ones fill theirs. */
  fewestUsed: number;
}

function groupsBySize(users: readonly InstanceUser[]): Group[] {
  const sizes = [...new Set(users.map(({ type }) => type.framebufferMiB))];
  return sizes.map((size) => {
    const group = users.filter(({ type }) => type.framebufferMiB === size);
    const { perInstance } = group[0]!.type;
    const present = group.filter(({ instance }) => instance !== "none yet");
    const shown = present.filter(({ instance }) => instance !== "hidden");
    const used = new Set(shown.map(({ instance }) => instance)).size;
    const hidden = present.length - shown.length;
    const withoutRoom = Math.max(0, hidden - (used * perInstance - shown.length));
    const fewestUsed = used + Math.ceil(withoutRoom / perInstance);
    return { perInstance, present: present.length, hidden, added: group.length - present.length, fewestUsed };
  });
}

/**
 * Fills the instances that vGPUs of the group have already, then new ones. Hidden vGPUs may be on more instances than they need, at most each
 * on its own. That counts only while vGPUs are added to the profile, so that what was created for them is enough afterwards.
 *
 * @param hiddenOnMore how many instances may be taken in addition by hidden vGPUs
 */
function instancesFor({ perInstance, present, hidden, added, fewestUsed }: Group, hiddenOnMore: number): number {
  const used = fewestUsed + Math.min(hiddenOnMore, hidden - Math.ceil(hidden / perInstance));
  const room = used * perInstance - present;
  return used + Math.ceil(Math.max(0, added - room) / perInstance);
}
