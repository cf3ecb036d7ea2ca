import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import type { VgpuGoal } from "../goal";
import type { BlockerReason } from "../plan";
import { isFree, mayRun, usedReason } from "../use";
import type { Assignment } from "./assign";
import { isOwn, ownershipOf, unrecorded } from "./ownership";
import { findVgpu, formatVgpu, recordOf, recordsOf } from "./vgpu";

/** Two programs that want one UUID would take it from each other for ever; and what was not made from here is not replaced. */
export function ownerBlocker(
  facts: HostFacts,
  goal: VgpuGoal,
  { wanted: { uuid }, conflicting }: Assignment,
): BlockerReason | null {
  const record = recordsOf(facts).find((one) => one.uuid === uuid) ?? (conflicting && recordOf(facts, conflicting));
  // The record of a vGPU that is gone keeps nobody from its UUID, least of all a stack whose state lost its owner with it.
  const isThere = conflicting !== null || findVgpu(facts, uuid) !== null;
  if (record && isThere && !isOwn(goal, record) && !goal.takeOver?.includes(record.owner))
    return {
      device: uuid,
      reason: `${uuid} was made by ${record.owner}`,
      hint: `To take it over from that stack, give the resource takeOver: ["${record.owner}"]`,
    };
  const is = conflicting && ownershipOf(facts, goal, conflicting);
  if (!conflicting || (is !== "nobodys" && is !== "adopted")) return null;
  return {
    device: uuid,
    reason: `${formatVgpu(conflicting)} was made by somebody else`,
    hint: `Declare it as it is: then it is adopted. Or give the resource takeOver: ["${unrecorded}"]: then it is replaced`,
  };
}

/** Without them nothing is known to be ours. */
export function recordsBlocker({ records }: HostFacts): BlockerReason[] {
  return isKnown(records)
    ? []
    : [
        {
          reason: `what earlier runs wrote down could not be read: ${records.unknown}`,
          hint: "Log in as root, or with sudo",
        },
      ];
}

export function duplicateBlockers(goal: VgpuGoal, others: readonly VgpuGoal[]): BlockerReason[] {
  const uuids = new Set(others.flatMap(({ desired }) => desired.map(({ uuid }) => uuid)));
  const twice = goal.desired.filter(({ uuid }) => uuids.has(uuid));
  return twice.map(({ uuid }) => ({
    device: uuid,
    reason: `${uuid} is wanted twice`,
    hint: "Give each vGPU a UUID of its own",
  }));
}

export const isInUse = ({ users }: Vgpu): boolean => !isFree(users);

/** Why a vGPU cannot be taken away: a guest has it open, or is defined with it. */
export function inUseBlocker(vgpu: Vgpu): BlockerReason | null {
  if (!isInUse(vgpu)) return null;
  return used(vgpu, "it cannot be removed", "Shut the guest down and take the vGPU out of its definition");
}

/** Parameters are read when a guest starts, so one that is only defined may get others (domain of vgpu_params). */
export function parametersBlocker(vgpu: Vgpu): BlockerReason | null {
  if (!mayRun(vgpu.users)) return null;
  return used(
    vgpu,
    "its parameters, which are read when a guest starts, cannot be changed",
    "Shut the guest down first",
  );
}

function used(vgpu: Vgpu, so: string, hint: string): BlockerReason {
  const why = usedReason(formatVgpu(vgpu), vgpu.users, hint);
  return { device: vgpu.uuid ?? vgpu.function, ...why, reason: `${why.reason}, so ${so}` };
}
