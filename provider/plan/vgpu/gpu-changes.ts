import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { DesiredVgpu, VgpuGoal } from "../goal";
import { findPinnedGpu } from "../gpu/pin";
import type { BlockerReason } from "../plan";
import type { Assigned, Assignment } from "./assign";
import { assign } from "./assign";
import { duplicateBlockers, inUseBlocker, isInUse, ownerBlocker, parametersBlocker, recordsBlocker } from "./blockers";
import type { OfferedType } from "./offered";
import { offeredType } from "./offered";
import { readinessBlocker } from "./ready";
import { absenceReason, mismatchReason } from "./reasons";
import { normalizeParameters, recordOf } from "./vgpu";

export interface Creation {
  wanted: DesiredVgpu;
  type: OfferedType;
  because: string;
  /** What is freed for it, under the same UUID. */
  replaces: Vgpu | null;
}

export interface Removal {
  vgpu: Vgpu;
  because: string;
}

/** What one goal asks of its card, before it is seen whether there is room. */
export interface GpuChanges {
  goal: VgpuGoal;
  gpu: Gpu | null;
  stays: Assignment[];
  creations: Creation[];
  removals: Removal[];
  /** Unwanted, and left to those who use them. */
  keptInUse: Vgpu[];
  /** Unwanted, and made by somebody else: only the record goes. */
  givenBack: Vgpu[];
  obstacles: BlockerReason[];
}

export function gpuChanges(facts: HostFacts, goals: readonly VgpuGoal[]): GpuChanges[] {
  const found = goals.map((goal) => ({ goal, gpu: findPinnedGpu(goal.gpu, goal.pin, facts.gpus) }));
  const onCards = found.map(({ goal, gpu }) => ({ goal, gpu: "reason" in gpu ? null : gpu }));
  const assigned = assign(facts, onCards);
  return onCards.map(({ goal, gpu }, i) => {
    const missing = found[i]!.gpu;
    const unresolved =
      "reason" in missing && goal.desired.length ? [{ reason: missing.reason, hint: missing.hint }] : [];
    return work(facts, goal, gpu, assigned.get(goal)!, [...unresolved, ...duplicateBlockers(goal, goals.slice(0, i))]);
  });
}

function work(
  facts: HostFacts,
  goal: VgpuGoal,
  gpu: Gpu | null,
  { assignments, surplus }: Assigned,
  unresolved: BlockerReason[],
): GpuChanges {
  const absent = assignments.filter(({ vgpu }) => vgpu === null);
  const stays = assignments.filter(({ vgpu }) => vgpu !== null);
  const replaced = absent.flatMap(({ conflicting, wanted }) =>
    conflicting ? [{ vgpu: conflicting, because: mismatchReason(conflicting, gpu, wanted) }] : [],
  );
  const isAdopted = (vgpu: Vgpu) => recordOf(facts, vgpu)?.adopted === true;
  const made = surplus.filter((vgpu) => !isAdopted(vgpu));
  const leaving = goal.keepInUse ? made.filter((vgpu) => !isInUse(vgpu)) : made;
  const removals = [...replaced, ...leaving.map((vgpu) => ({ vgpu, because: "it is not wanted any more" }))];
  const notReady = gpu && absent.length ? readinessBlocker(facts, gpu) : null;
  const types = gpu && !notReady ? absent.map(({ wanted }) => offeredType(gpu, vgpusOn(facts, gpu), wanted.type)) : [];
  const creations = absent.flatMap((one, i): Creation[] => {
    const type = types[i];
    return type && "name" in type
      ? [{ wanted: one.wanted, type, because: absenceReason(facts, gpu, one), replaces: one.conflicting }]
      : [];
  });
  const obstacles = [
    ...unresolved,
    ...recordsBlocker(facts),
    ...assignments.flatMap((one) => ownerBlocker(facts, goal, one) ?? []),
    ...(notReady ? [notReady] : []),
    ...unique(types.flatMap((type) => ("reason" in type ? [type] : []))),
    ...removals.flatMap(({ vgpu }) => inUseBlocker(vgpu) ?? []),
    ...stays.filter(differsInParameters).flatMap(({ vgpu }) => parametersBlocker(vgpu!) ?? []),
  ];
  const keptInUse = made.filter((vgpu) => !leaving.includes(vgpu));
  return { goal, gpu, stays, creations, removals, keptInUse, givenBack: surplus.filter(isAdopted), obstacles };
}

export const vgpusOn = ({ vgpus }: HostFacts, gpu: Gpu): Vgpu[] => vgpus.filter((vgpu) => vgpu.gpu === gpu.address);

export const differsInParameters = ({ vgpu, wanted }: Assignment): boolean =>
  vgpu !== null && normalizeParameters(vgpu.parameters) !== normalizeParameters(wanted.parameters);

const unique = (obstacles: BlockerReason[]): BlockerReason[] =>
  obstacles.filter(({ reason }, i) => obstacles.findIndex((other) => other.reason === reason) === i);
