import type { Gpu } from "../../model/facts/gpu";
import type { GpuInstance, GpuInstanceProfile, Mig, MigVgpuType } from "../../model/facts/mig";
import type { OrUnknown } from "../../model/unknown";
import { isKnown } from "../../model/unknown";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { isType } from "../../model/vgpu-type";

/** Returns what is known of MIG of a GPU; nothing for one without it. */
const listOf = <T>(gpu: Gpu | undefined, choose: (mig: Mig) => OrUnknown<T[]>): T[] => {
  const list = gpu && isKnown(gpu.mig) && gpu.mig ? choose(gpu.mig) : [];
  return isKnown(list) ? list : [];
};

export const instancesOf = (gpu: Gpu | undefined): GpuInstance[] => listOf(gpu, ({ instances }) => instances);

/** Returns profile id to the number of its instances. */
export function instanceCounts(gpu: Gpu | undefined): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { profileId } of instancesOf(gpu)) counts.set(profileId, (counts.get(profileId) ?? 0) + 1);
  return counts;
}

export const profilesOf = (gpu: Gpu | undefined): GpuInstanceProfile[] => listOf(gpu, ({ profiles }) => profiles);

export const migTypesOf = (gpu: Gpu | undefined): MigVgpuType[] => listOf(gpu, ({ types }) => types);

/** Returns the MIG-backed type of this GPU that is named; undefined if it has none of this name. */
export const migTypeNamed = (gpu: Gpu, name: VgpuTypeName): MigVgpuType | undefined =>
  migTypesOf(gpu).find((type) => isType(name, type));

/** Returns a function that names the profiles of a GPU by their ids. */
export function profileNames(gpu: Gpu | undefined): (id: number) => string {
  const profiles = profilesOf(gpu);
  return (id) => profiles.find((profile) => profile.id === id)?.name ?? `profile ${id}`;
}

/** Returns the profile that is named: `1g.10gb`, `MIG 1g.10gb`, or by its id. */
export const profileNamed = (gpu: Gpu | undefined, name: string): GpuInstanceProfile | undefined =>
  profilesOf(gpu).find((profile) => String(profile.id) === name || profile.name === name.replace(/^MIG /, ""));
