import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { enumerate, formatGpu } from "../format";
import type { DesiredVgpu, VgpuGoal } from "../goal";
import { findPinnedGpu, pinMovedMessage } from "../gpu/find";
import type { Plan } from "../plan";
import { isBlocker } from "../plan";
import type { Assigned, Assignment } from "./assign";
import { assign } from "./assign";
import { inUseBlocker } from "./blockers";
import type { GpuChanges } from "./gpu-changes";
import { gpuChanges, vgpusOn } from "./gpu-changes";
import { planInstances } from "./instance-steps";
import { planModeChange } from "./mode-steps";
import { siblingWith } from "./ownership";
import type { OnGpu } from "./placement";
import { placeVgpus } from "./placement";
import { forgetLost, planCreation, planKept, planRemovals, releaseAdopted } from "./steps";
import { formatVgpu, recordOf } from "./vgpu";

export { vgpusLeftBehind } from "./left-behind";
export { notCreatedYet } from "./reasons";
export { findVgpu, hostdevXml, identityOf, isLostByReboot, normalizeParameters } from "./vgpu";

/**
 * Plans the vGPUs of all goals. A GPU is planned as a whole, for all its goals: vGPUs that fit stay, obsolete ones are removed
 * first, and nothing in use is touched.
 */
export function planVgpus(facts: HostFacts, goals: readonly VgpuGoal[]): Plan {
  const { changes, modes, onGpus } = placeVgpus(facts, gpuChanges(facts, goals));
  const open = changes.filter(({ blockers }) => !blockers.length);
  const before = [
    ...modes.map((one) => planModeChange(facts, one)),
    ...onGpus.flatMap(({ instances }) => (instances ? [planInstances(facts, instances)] : [])),
  ];
  return mergePlans(
    ...open.flatMap((one) => [planRemovals(facts, one), forgetLost(facts, one), releaseAdopted(facts, one)]),
    ...before,
    ...onGpus.flatMap(({ placed }) => placed.map((one) => planCreation(facts, one, before))),
    ...open.map((one) => planKept(facts, one)),
    ...changes.map(({ goal, blockers }) => planBuilder(goal.key).blockedBy(blockers)),
    ...changes.map(noteMovedGpu),
    ...onGpus.map(noteHiddenPlaces),
    ...changes.map(noteKeptInUse),
    ...noteUnmanaged(facts, changes),
  );
}

/**
 * Returns which vGPUs a goal has now, and which were created for it and are surplus. A vGPU that a plan would only adopt is not
 * assigned yet, apart from one that was imported.
 */
export function assignmentOf(facts: HostFacts, goal: VgpuGoal): Assigned {
  const gpu = findPinnedGpu(goal.gpu, goal.pin, facts.gpus);
  const { assignments, surplus } = assign(facts, [{ goal, gpu: isBlocker(gpu) ? null : gpu }]).get(goal)!;
  const isNotAdopted = ({ vgpu, desired }: Assignment) =>
    vgpu !== null &&
    vgpu.uuid !== desired.uuid &&
    !recordOf(facts, vgpu) &&
    !(goal.isImported && isWhereLast(desired, vgpu));
  return {
    assignments: assignments.map((one) => (isNotAdopted(one) ? { ...one, vgpu: null, uuid: one.desired.uuid } : one)),
    surplus,
  };
}

const isWhereLast = ({ last }: DesiredVgpu, vgpu: Vgpu): boolean =>
  vgpu.function === last?.function && vgpu.type.id === last.typeId;

function noteMovedGpu({ goal, gpu }: GpuChanges): Plan {
  const message = gpu && pinMovedMessage(goal.pin, gpu);
  return message ? planBuilder(goal.key).noted(message, { device: gpu.address }) : emptyPlan();
}

/** Before an `up` that may fail: a driver with mdevs does not show the places that they have in mixed-size mode. */
function noteHiddenPlaces({ placed, hidingPlaces }: OnGpu): Plan {
  const gpu = placed[0]?.changes.gpu;
  if (!gpu || !hidingPlaces.length) return emptyPlan();
  const keys = new Set(placed.map(({ changes }) => changes.goal.key));
  const types = [...new Set(placed.map(({ type }) => type.name))];
  const message = `the driver does not show where in the memory of ${formatGpu(gpu)} ${enumerate(hidingPlaces.map(formatVgpu))} ${hidingPlaces.length > 1 ? "are" : "is"}, so it may refuse ${enumerate(types, "or")}. No vGPU that stays is lost then`;
  return planBuilder(...keys).noted(message, { device: gpu.address });
}

const noteKeptInUse = ({ goal, keptInUse }: GpuChanges): Plan =>
  mergePlans(
    ...keptInUse.map((vgpu) =>
      planBuilder(goal.key).noted(`${inUseBlocker(vgpu)!.reason}; it stays`, { device: vgpu.uuid ?? vgpu.function }),
    ),
  );

/** Names vGPUs that have no record and belong to no resource of this stack. They take room on a GPU, and stay. */
function noteUnmanaged(facts: HostFacts, changes: readonly GpuChanges[]): Plan[] {
  if (!isKnown(facts.records)) return [];
  const planned = new Set(
    changes.flatMap(({ kept, removals, keptInUse }) => [
      ...[...kept, ...removals].map(({ vgpu }) => vgpu),
      ...keptInUse,
    ]),
  );
  const isSibling = (vgpu: Vgpu) => changes.some(({ goal }) => siblingWith(goal, vgpu));
  const isUnmanaged = (vgpu: Vgpu) => !planned.has(vgpu) && !recordOf(facts, vgpu) && !isSibling(vgpu);
  const gpus = [...new Set(changes.flatMap(({ gpu }) => gpu ?? []))];
  return gpus.map((gpu) => {
    const unmanaged = vgpusOn(facts, gpu).filter(isUnmanaged);
    if (!unmanaged.length) return emptyPlan();
    const keys = changes.filter((one) => one.gpu === gpu).map(({ goal }) => goal.key);
    const [what, stays] = unmanaged.length > 1 ? ["vGPUs", "they stay"] : ["a vGPU", "it stays"];
    const message = `${formatGpu(gpu)} has ${what} without a record: ${enumerate(unmanaged.map(formatVgpu))}; ${stays}`;
    return planBuilder(...keys).noted(message, { device: gpu.address });
  });
}
