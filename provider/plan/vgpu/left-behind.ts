import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { ObsoleteVgpu, VgpuGoal } from "../goal";
import { inUseBlocker } from "./blockers";
import { isOfInstance, isOfOtherInstance, isOwn } from "./ownership";
import { findVgpu, formatVgpu, isLostByReboot, recordOf, recordsOf } from "./vgpu";

type Had = Pick<ObsoleteVgpu, "uuid" | "function" | "typeId">;

/**
 * Returns which vGPUs of a deleted resource still exist, and why. `before` has the records that the removal deleted. They also name
 * what is no longer in the state: a refresh drops a vGPU that a reboot removed.
 */
export function vgpusLeftBehind(
  before: HostFacts,
  facts: HostFacts,
  goal: VgpuGoal,
): { message: string; device: string }[] {
  const recorded = recordsOf(before).filter((record) => isOfInstance(goal.claim, record));
  const had: Had[] = [
    ...goal.obsolete,
    ...recorded.filter(({ uuid }) => goal.obsolete.every((one) => one.uuid !== uuid)),
  ];
  return had.flatMap((one) => {
    const vgpu = find(facts, one);
    const why = vgpu && (replacedReason(before, goal, one, vgpu) ?? leftBehindReason(facts, goal, vgpu));
    return vgpu ? [{ message: `${formatVgpu(vgpu)} stays: ${why}`, device: vgpu.uuid ?? vgpu.function }] : [];
  });
}

const find = (facts: HostFacts, { uuid, function: at, typeId }: Had): Vgpu | null =>
  findVgpu(facts, uuid) ??
  facts.vgpus.find((vgpu) => vgpu.uuid === null && vgpu.function === at && vgpu.type.id === typeId) ??
  null;

/** In the vendor framework another vGPU may be where the resource had one (B77). */
function replacedReason(before: HostFacts, { claim }: VgpuGoal, { uuid }: Had, vgpu: Vgpu): string | null {
  if (recordOf(before, vgpu) || !isLostByReboot(before, uuid, claim)) return null;
  return `a reboot removed the vGPU ${uuid} that was there, and this stack did not create this one`;
}

function leftBehindReason(facts: HostFacts, goal: VgpuGoal, vgpu: Vgpu): string {
  const record = recordOf(facts, vgpu);
  if (!record) return "this stack did not create it";
  if (!isOwn(goal, record)) return `it belongs to ${record.owner} now`;
  if (isOfOtherInstance(goal.claim, record)) return `it belongs to ${record.resource ?? "another resource"} now`;
  return inUseBlocker(vgpu)?.reason ?? "it was not removed";
}
