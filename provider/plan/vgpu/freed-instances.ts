import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isInMigMode } from "../gpu/readiness";
import { migTypesOf } from "../gpu-instances/mig-of";
import type { GpuChanges } from "./gpu-changes";
import { addInstances, instancePlanOf, needsPlace } from "./gpu-placer";
import { freeVgpus, withRecreated } from "./recreation";

/**
 * Adds the removal and re-creation of free vGPUs on GPUs in MIG mode, where the declared ones do not fit otherwise: the fewest that leave
 * room. The instance of a vGPU cannot be destroyed, and a vGPU cannot move to another one.
 */
export function withFreedInstances(facts: HostFacts, changes: readonly GpuChanges[]): GpuChanges[] {
  const open = changes.filter(({ blockers }) => !blockers.length);
  const gpus = new Set(open.flatMap((one) => (one.gpu && isInMigMode(one.gpu) && needsPlace(one) ? [one.gpu] : [])));
  let result = [...changes];
  for (const gpu of gpus) {
    const there = open.filter((one) => one.gpu === gpu);
    const chosen = chooseVgpus(facts, gpu, there);
    result = result.map((one) => (there.includes(one) ? recreate(facts, gpu, one, chosen) : one));
  }
  return result;
}

const recreate = (facts: HostFacts, gpu: Gpu, changes: GpuChanges, chosen: readonly Vgpu[]): GpuChanges =>
  withRecreated(facts, gpu, changes, chosen, "the place of its GPU instance is needed for others");

/** Returns the fewest vGPUs that have to be created again. If there is no room even then: all that may be, so that the rest is to blame. */
function chooseVgpus(facts: HostFacts, gpu: Gpu, there: readonly GpuChanges[]): Vgpu[] {
  const groups = groupByInstance(
    gpu,
    there.flatMap((one) => freeVgpus(facts, one)),
  );
  const choices = everyChoice(groups).sort((one, other) => one.length - other.length);
  const fits = (chosen: readonly Vgpu[]) =>
    hasRoom(
      facts,
      gpu,
      there.map((one) => recreate(facts, gpu, one, chosen)),
    );
  return choices.find(fits) ?? choices.at(-1)!;
}

/** Only together do the vGPUs of an instance leave it. Where the driver does not show which instance they are on, those of a profile do. */
function groupByInstance(gpu: Gpu, vgpus: readonly Vgpu[]): Vgpu[][] {
  const profileOf = ({ type }: Vgpu) => migTypesOf(gpu).find(({ id }) => id === type.id)?.profileId;
  const groups = new Map<string, Vgpu[]>();
  for (const vgpu of vgpus) {
    const key = vgpu.gpuInstance === null ? `profile ${profileOf(vgpu)}` : String(vgpu.gpuInstance);
    groups.set(key, [...(groups.get(key) ?? []), vgpu]);
  }
  return [...groups.values()];
}

function everyChoice([group, ...others]: readonly Vgpu[][]): Vgpu[][] {
  if (!group) return [[]];
  const choices = everyChoice(others);
  return [...choices, ...choices.map((one) => [...group, ...one])];
}

/** Returns whether all that is declared has a place once these changes are made. */
function hasRoom(facts: HostFacts, gpu: Gpu, there: readonly GpuChanges[]): boolean {
  const leaving = new Set(there.flatMap(({ removals }) => removals.map(({ vgpu }) => vgpu)));
  const plan = instancePlanOf(facts, gpu, there, leaving);
  return there.every((one) => addInstances(plan, gpu, one) === null);
}
