import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { DesiredVgpu, VgpuGoal } from "../goal";
import { findPinnedGpu } from "../gpu/find";
import { instancesBlocker } from "../gpu-instances/declared";
import type { BlockerReason } from "../plan";
import { isBlocker } from "../plan";
import { isInUse } from "../use";
import type { Assigned, Assignment, GoalOnGpu } from "./assign";
import { assign } from "./assign";
import {
  duplicateBlockers,
  inUseBlocker,
  ownerBlocker,
  parametersBlocker,
  readinessBlocker,
  recordsBlocker,
} from "./blockers";
import type { OfferedType } from "./offered";
import { offeredType } from "./offered";
import { absenceReason, mismatchReason } from "./reasons";
import { normalizeParameters, recordOf } from "./vgpu";

export interface Creation {
  desired: DesiredVgpu;
  type: OfferedType;
  reason: string;
  /** The vGPU under the same UUID that is removed for it. */
  replaces: Vgpu | null;
}

export interface Removal {
  vgpu: Vgpu;
  reason: string;
}

/** What one goal changes on its GPU, before it is known whether there is room. */
export interface GpuChanges {
  goal: VgpuGoal;
  gpu: Gpu | null;
  kept: Assignment[];
  creations: Creation[];
  removals: Removal[];
  /** Obsolete, and skipped because they are in use. */
  keptInUse: Vgpu[];
  /** Obsolete, and adopted: only the record is removed. */
  released: Vgpu[];
  blockers: BlockerReason[];
}

export function gpuChanges(facts: HostFacts, goals: readonly VgpuGoal[]): GpuChanges[] {
  const found = goals.map((goal) => findPinnedGpu(goal.gpu, goal.pin, facts.gpus));
  const onGpus = goals.map((goal, i): GoalOnGpu => {
    const gpu = found[i]!;
    return { goal, gpu: isBlocker(gpu) ? null : gpu };
  });
  const assigned = assign(facts, onGpus);
  return onGpus.map((one, i) => {
    const gpu = found[i]!;
    const unresolved = isBlocker(gpu) && one.goal.desired.length ? [{ reason: gpu.reason, hint: gpu.hint }] : [];
    const duplicates = duplicateBlockers(one.goal, goals.slice(0, i));
    return changesOf(facts, one, assigned.get(one.goal)!, [...unresolved, ...duplicates]);
  });
}

function changesOf(
  facts: HostFacts,
  { goal, gpu }: GoalOnGpu,
  { assignments, surplus }: Assigned,
  goalBlockers: BlockerReason[],
): GpuChanges {
  const missing = assignments.filter(({ vgpu }) => vgpu === null);
  const kept = assignments.filter(({ vgpu }) => vgpu !== null);
  const { creations, creationBlockers } = planCreations(facts, gpu, missing);
  const { removable, keptInUse, released } = splitSurplus(facts, goal, surplus);
  const removals = [...replacements(gpu, missing), ...removable];
  const blockers = [
    ...goalBlockers,
    ...recordsBlocker(facts),
    ...assignments.flatMap((one) => ownerBlocker(facts, goal, one) ?? []),
    ...creationBlockers,
    ...(creationBlockers.length ? [] : instancesBlocker(facts, gpu, goal)),
    ...removals.flatMap(({ vgpu }) => inUseBlocker(vgpu) ?? []),
    ...kept.filter(differsInParameters).flatMap(({ vgpu }) => parametersBlocker(vgpu!) ?? []),
  ];
  return { goal, gpu, kept, creations, removals, keptInUse, released, blockers };
}

/** Plans each missing vGPU as a creation, or returns why it cannot be created; the same reason only once. */
function planCreations(
  facts: HostFacts,
  gpu: Gpu | null,
  missing: readonly Assignment[],
): { creations: Creation[]; creationBlockers: BlockerReason[] } {
  if (!gpu || !missing.length) return { creations: [], creationBlockers: [] };
  const notReady = readinessBlocker(facts, gpu);
  if (notReady) return { creations: [], creationBlockers: [notReady] };

  const creations: Creation[] = [];
  const blockers = new Map<string, BlockerReason>();
  for (const one of missing) {
    const { desired, conflicting } = one;
    const type = offeredType(gpu, vgpusOn(facts, gpu), desired.type);
    if (isBlocker(type)) blockers.set(type.reason, type);
    else creations.push({ desired, type, reason: absenceReason(facts, gpu, one), replaces: conflicting });
  }
  return { creations, creationBlockers: [...blockers.values()] };
}

const replacements = (gpu: Gpu | null, missing: readonly Assignment[]): Removal[] =>
  missing.flatMap(({ conflicting, desired }) =>
    conflicting ? [{ vgpu: conflicting, reason: mismatchReason(conflicting, gpu, desired) }] : [],
  );

/** Divides what a goal needs no more: adopted vGPUs are released, those in use stay if the goal says so, all others go. */
function splitSurplus(
  facts: HostFacts,
  { keepInUse }: VgpuGoal,
  surplus: readonly Vgpu[],
): { removable: Removal[]; keptInUse: Vgpu[]; released: Vgpu[] } {
  const isAdopted = (vgpu: Vgpu) => recordOf(facts, vgpu)?.adopted === true;
  const staysInUse = (vgpu: Vgpu) => keepInUse === true && isInUse(vgpu.users);
  const created = surplus.filter((vgpu) => !isAdopted(vgpu));
  return {
    removable: created
      .filter((vgpu) => !staysInUse(vgpu))
      .map((vgpu) => ({ vgpu, reason: "it is not declared any more" })),
    keptInUse: created.filter(staysInUse),
    released: surplus.filter(isAdopted),
  };
}

export const vgpusOn = ({ vgpus }: HostFacts, gpu: Gpu): Vgpu[] => vgpus.filter((vgpu) => vgpu.gpu === gpu.address);

export const differsInParameters = ({ vgpu, desired }: Assignment): boolean =>
  vgpu !== null &&
  !vgpu.parametersUnread &&
  normalizeParameters(vgpu.parameters) !== normalizeParameters(desired.parameters);
