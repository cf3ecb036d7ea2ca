import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { enumerate, formatGpu } from "../format";
import type { VgpuGoal } from "../goal";
import { isInMigMode } from "../gpu/readiness";
import type { BlockerReason } from "../plan";
import { readinessBlocker } from "../vgpu/blockers";
import { instanceCounts, instancesOf, migTypesOf, profileNamed, profilesOf } from "./mig-of";
import { requiredInstances } from "./required";

/** Returns whether a goal declares GPU instances for vGPUs of other tools. */
export const declaresInstances = ({ gpuInstances = {} }: VgpuGoal): boolean =>
  Object.values(gpuInstances).some((count) => count > 0);

/** Returns why the declared GPU instances cannot be on this GPU at all. */
export function instancesBlocker(facts: HostFacts, gpu: Gpu | null, goal: VgpuGoal): BlockerReason[] {
  if (!gpu || !declaresInstances(goal)) return [];
  const notReady = readinessBlocker(facts, gpu);
  if (notReady) return [notReady];
  const device = gpu.address;
  if (!isInMigMode(gpu))
    return [
      {
        device,
        reason: `GPU instances are declared, and MIG mode of ${formatGpu(gpu)} is off`,
        hint: "Turn MIG mode on with MigEnablement",
      },
    ];
  const unknown = Object.keys(goal.gpuInstances!).filter((name) => !profileNamed(gpu, name));
  if (!unknown.length) return [];
  const names = profilesOf(gpu).map(({ name }) => name);
  return [
    {
      device,
      reason: `${formatGpu(gpu)} has no GPU instance profile ${enumerate(unknown)}`,
      hint: names.length ? `It has ${enumerate(names)}` : "Run nvidia-smi mig -lgip on the host to see its profiles",
    },
  ];
}

/** Returns profile id to the number of declared instances. */
export function declaredInstances(gpu: Gpu, { gpuInstances = {} }: VgpuGoal): ReadonlyMap<number, number> {
  return new Map(
    Object.entries(gpuInstances).flatMap(([name, count]) => {
      const profile = profileNamed(gpu, name);
      return profile ? [[profile.id, count]] : [];
    }),
  );
}

/** Returns, of the declared instances, how many the GPU has in addition to those of these vGPUs. */
export function presentInstances(
  gpu: Gpu | undefined,
  declared: Record<string, number>,
  own: readonly Vgpu[],
): Record<string, number> {
  const users = own.flatMap((vgpu) => {
    const type = migTypesOf(gpu).find(({ id }) => id === vgpu.type.id);
    return type ? [{ type, instance: vgpu.gpuInstance ?? ("hidden" as const), isManaged: true }] : [];
  });
  const used = requiredInstances(users, instanceCounts(gpu));
  const present = (name: string) => {
    const id = gpu && isKnown(gpu.mig) && gpu.mig?.current ? profileNamed(gpu, name)?.id : undefined;
    const existing = instancesOf(gpu).filter(({ profileId }) => profileId === id).length;
    return id === undefined ? 0 : Math.max(0, existing - (used.get(id) ?? 0));
  };
  return Object.fromEntries(Object.entries(declared).map(([name, count]) => [name, Math.min(count, present(name))]));
}
