import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import type { VgpuGoal } from "../goal";
import { recordOf } from "./vgpu";

/** Stands for all that nobody recorded, in `takeOver`. */
export const unrecorded = "unrecorded";

/** Whose a vGPU is, as a goal sees it. */
export type Ownership =
  /** Made by its stack. */
  | "ours"
  /** Used by its stack, and made by somebody else. */
  | "adopted"
  /** Somebody else's, and to be taken over. */
  | "takenOver"
  | "nobodys"
  | "others";

export function ownershipOf(facts: HostFacts, goal: VgpuGoal, vgpu: Vgpu): Ownership {
  const record = recordOf(facts, vgpu);
  const takes = (owner: string) => goal.takeOver?.includes(owner) ?? false;
  if (!record) return knows(goal, vgpu) ? "ours" : takes(unrecorded) ? "takenOver" : "nobodys";
  if (!isOwn(goal, record)) return takes(record.owner) ? "takenOver" : "others";
  return !record.adopted ? "ours" : takes(unrecorded) ? "takenOver" : "adopted";
}

/** By its owner. One of 0.1 was made under a name that changed with the machine: there it is the stack's when its state knows the vGPU. */
export function isOwn({ claim, desired, obsolete }: VgpuGoal, record: VgpuRecord): boolean {
  if (record.owner === claim.owner) return true;
  if (record.instance !== undefined || stackOf(record.owner) !== stackOf(claim.owner)) return false;
  const uuids = [record.uuid, record.servesAs];
  return [...desired.filter(({ known }) => known), ...obsolete].some(({ uuid }) => uuids.includes(uuid));
}

const stackOf = (owner: string) => owner.replace(/#.*/, "");

/** A vGPU without a record is known by its UUID only: what is on a VF now may have been made by anybody. */
const knows = ({ desired, obsolete }: VgpuGoal, { uuid }: Vgpu): boolean =>
  uuid !== null &&
  (desired.some((one) => one.known && one.uuid === uuid) || obsolete.some((one) => !one.adopted && one.uuid === uuid));
