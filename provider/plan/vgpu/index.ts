import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans } from "../builder";
import { enumerate, formatGpu } from "../format";
import type { VgpuGoal } from "../goal";
import { findPinnedGpu, followed } from "../gpu/pin";
import type { Note, Plan } from "../plan";
import type { Assigned, Assignment } from "./assign";
import { assign } from "./assign";
import { inUseBlocker } from "./blockers";
import type { GpuChanges } from "./gpu-changes";
import { gpuChanges, vgpusOn } from "./gpu-changes";
import { placeVgpus } from "./placement";
import { siblingWith } from "./siblings";
import { creationSteps, forgettingSteps, givingBackSteps, keepingSteps, removalSteps } from "./steps";
import { formatVgpu, recordOf } from "./vgpu";

export { vgpusLeftBehind } from "./left-behind";
export { notCreatedYet } from "./reasons";
export { findVgpu, hostdevXml, identityOf, isLostByReboot, normalizeParameters } from "./vgpu";

/**
 * What is to be done so that cards carry the vGPUs that are wanted. A card is planned as a whole, whoever wants what on it:
 * what fits stays, what has to go goes first, and nothing in use is touched.
 */
export function planVgpus(facts: HostFacts, goals: readonly VgpuGoal[]): Plan {
  const { works, placed } = placeVgpus(facts, gpuChanges(facts, goals));
  const open = works.filter(({ obstacles }) => !obstacles.length);
  const steps = [
    ...open.flatMap((work) => [
      ...removalSteps(facts, work),
      ...forgettingSteps(facts, work),
      ...givingBackSteps(facts, work),
    ]),
    ...placed.flatMap((one) => creationSteps(facts, one)),
    ...open.flatMap((work) => keepingSteps(facts, work)),
  ];
  const blockers = works.flatMap(({ goal, obstacles }) =>
    obstacles.map((one) => ({ ...one, requestedBy: [goal.key] })),
  );
  return mergePlans({
    ...emptyPlan(),
    steps,
    blockers,
    notes: [...works.flatMap(onFollowedCard), ...works.flatMap(leftToUsers), ...unrecorded(facts, works)],
  });
}

/**
 * Who serves what a goal wants, as things are now, and what was made for it and serves nobody. A vGPU that a plan would only
 * adopt serves nobody yet: it is somebody's.
 */
export function assignmentOf(facts: HostFacts, goal: VgpuGoal): Assigned {
  const gpu = findPinnedGpu(goal.gpu, goal.pin, facts.gpus);
  const { assignments, surplus } = assign(facts, [{ goal, gpu: "reason" in gpu ? null : gpu }]).get(goal)!;
  const isStranger = ({ vgpu, wanted }: Assignment) =>
    vgpu !== null && vgpu.uuid !== wanted.uuid && !recordOf(facts, vgpu);
  return {
    assignments: assignments.map((one) => (isStranger(one) ? { ...one, vgpu: null, uuid: one.wanted.uuid } : one)),
    surplus,
  };
}

function onFollowedCard({ goal, gpu }: GpuChanges): Note[] {
  const message = gpu && followed(goal.pin, gpu);
  return message ? [{ message, device: gpu.address, requestedBy: [goal.key] }] : [];
}

const leftToUsers = ({ goal, keptInUse }: GpuChanges): Note[] =>
  keptInUse.map((vgpu) => ({
    message: `${inUseBlocker(vgpu)!.reason}; it stays`,
    device: vgpu.uuid ?? vgpu.function,
    requestedBy: [goal.key],
  }));

/** vGPUs of nobody in this stack that no record names: they count for the room on a card, and stay. */
function unrecorded(facts: HostFacts, works: readonly GpuChanges[]): Note[] {
  if (!isKnown(facts.records)) return [];
  const known = new Set(
    works.flatMap(({ stays, removals, keptInUse }) => [
      ...[...stays, ...removals].map(({ vgpu }) => vgpu),
      ...keptInUse,
    ]),
  );
  const cards = [...new Set(works.flatMap(({ gpu }) => gpu ?? []))];
  return cards.flatMap((gpu) => {
    const isSibling = (vgpu: Vgpu) => works.some(({ goal }) => siblingWith(goal, vgpu));
    const others = vgpusOn(facts, gpu).filter((vgpu) => !known.has(vgpu) && !recordOf(facts, vgpu) && !isSibling(vgpu));
    if (!others.length) return [];
    const [what, stays] = others.length > 1 ? ["vGPUs", "they stay"] : ["a vGPU", "it stays"];
    const message = `${formatGpu(gpu)} carries ${what} without a record: ${enumerate(others.map(formatVgpu))}; ${stays}`;
    return [
      {
        message,
        device: gpu.address,
        requestedBy: works.filter((work) => work.gpu === gpu).map(({ goal }) => goal.key),
      },
    ];
  });
}
