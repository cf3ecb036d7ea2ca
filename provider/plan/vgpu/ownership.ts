import type { Framework, Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import type { Claim, Goal, Sibling, VgpuGoal } from "../goal";
import { recordOf } from "./vgpu";

interface RecordOptions {
  /** The desired UUID, if the vGPU has another one. */
  serves?: string;
  /** This package did not create it. */
  adopted?: boolean;
  /** It is created again at boot. */
  restore?: boolean;
  /** It is defined in mdevctl, too, and the definition goes with it. */
  mdevctl?: boolean;
}

/** Returns what a record contains in addition to place, type and parameters, as arguments of the step that writes it. */
export function recordEntries(
  { owner, instance, resource }: Claim,
  { uuid }: Gpu,
  framework: Framework,
  { serves, adopted, restore, mdevctl }: RecordOptions = {},
): string[] {
  const entries = {
    owner,
    instance,
    resource,
    gpu: uuid ?? "",
    framework,
    serves,
    adopted: adopted ? "yes" : undefined,
    restore: restore ? "yes" : undefined,
    mdevctl: mdevctl ? "yes" : undefined,
  };
  return Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}

/** Returns whether another resource has it by now: a replacement, or one under another name. */
export const isOfOtherInstance = ({ instance }: Claim, record: VgpuRecord | null): boolean =>
  record?.instance !== undefined && instance !== "" && record.instance !== instance;

/** Returns whether a record names the owner, and the instance if that is known. */
export const isRecordedBy = ({ owner, instance }: Claim, record: VgpuRecord): boolean =>
  record.owner === owner && (instance === "" || record.instance === instance);

/** Returns whether this resource instance wrote it. After a lost connection that may be in no state. */
export const isOfInstance = ({ owner, instance }: Claim, record: VgpuRecord | null): boolean =>
  instance !== "" && record?.owner === owner && record.instance === instance;

/** Returns the resource of this stack that has a vGPU. Only for a vGPU without a record: a record has priority. */
export const siblingWith = (
  { siblings = [] }: Pick<Goal, "siblings">,
  { uuid, function: address, type }: Vgpu,
): Sibling | undefined =>
  siblings.find((one) => (uuid !== null ? one.uuid === uuid : one.function === address && one.typeId === type.id));

/** In `takeOver`: all vGPUs without a record. */
export const unrecorded = "unrecorded";

/** The relation of a vGPU to a goal. */
export type Ownership =
  /** Created by its stack. */
  | "ours"
  /** Managed by its stack, which did not create it. */
  | "adopted"
  /** Unmanaged or of another owner, and named in `takeOver`. */
  | "takenOver"
  /** Without a record, and unknown to the state. */
  | "unmanaged"
  /** Of another owner. */
  | "others";

export function ownershipOf(facts: HostFacts, goal: VgpuGoal, vgpu: Vgpu): Ownership {
  const record = recordOf(facts, vgpu);
  const takes = (owner: string) => goal.takeOver?.includes(owner) ?? false;
  if (!record) return isInState(goal, vgpu) ? "ours" : takes(unrecorded) ? "takenOver" : "unmanaged";
  if (!isOwn(goal, record)) return takes(record.owner) ? "takenOver" : "others";
  return !record.adopted ? "ours" : takes(unrecorded) ? "takenOver" : "adopted";
}

/**
 * Returns whether the stack of a goal owns a record. The owner of release 0.1 changed with the machine that ran Pulumi: such a record
 * is its own if the state has the vGPU.
 */
export function isOwn({ claim, desired, obsolete }: VgpuGoal, record: VgpuRecord): boolean {
  if (record.owner === claim.owner) return true;
  if (record.instance !== undefined || stackOf(record.owner) !== stackOf(claim.owner)) return false;
  const uuids = [record.uuid, record.servesAs];
  return [...desired.filter(({ known }) => known), ...obsolete].some(({ uuid }) => uuids.includes(uuid));
}

const stackOf = (owner: string) => owner.replace(/#.*/, "");

/** Without a record only the UUID identifies a vGPU: anyone may have created what is on a VF now. */
const isInState = ({ desired, obsolete }: VgpuGoal, { uuid }: Vgpu): boolean =>
  uuid !== null &&
  (desired.some((one) => one.known && one.uuid === uuid) || obsolete.some((one) => !one.adopted && one.uuid === uuid));
