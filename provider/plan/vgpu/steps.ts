import type { HostFacts } from "../../model/facts/host-facts";
import type { VgpuRecord } from "../../model/facts/vgpu";
import { idOf, step } from "../builder";
import type { VgpuGoal } from "../goal";
import type { Step } from "../plan";
import type { Assignment } from "./assign";
import type { GpuChanges, Removal } from "./gpu-changes";
import { differsInParameters } from "./gpu-changes";
import { isOwn, ownershipOf } from "./ownership";
import type { Placed } from "./placement";
import { isOfInstance, isOfOtherInstance, isRecordedBy, recordEntries } from "./record";
import { formatType, formatVgpu, identityOf, normalizeParameters, recordOf, recordsOf } from "./vgpu";

export function removalSteps(facts: HostFacts, { goal, removals }: GpuChanges): Step[] {
  return removals.map(({ vgpu, because: reason }) =>
    step({
      title: `remove ${formatVgpu(vgpu)}`,
      reason,
      command: removal(facts, vgpu),
      device: vgpu.uuid ?? vgpu.function,
      vgpu: { type: formatType(vgpu.type), gpu: vgpu.gpu },
      requestedBy: [goal.key],
    }),
  );
}

function removal(facts: HostFacts, vgpu: Removal["vgpu"]): string[] {
  const identity = identityOf(facts, vgpu);
  return vgpu.uuid
    ? ["remove_mdev", vgpu.uuid]
    : ["clear_type", vgpu.function, String(vgpu.type.id), ...(identity ? [identity] : [])];
}

/** What was made for a goal, is wanted no more, and was lost before it could be removed. */
export function forgettingSteps(facts: HostFacts, { goal }: GpuChanges): Step[] {
  const isWanted = (uuid: string | undefined) => goal.desired.some((one) => one.uuid === uuid);
  const isLost = ({ uuid }: VgpuRecord) => !facts.vgpus.some((vgpu) => identityOf(facts, vgpu) === uuid);
  const isNamed = (record: VgpuRecord) =>
    isOwn(goal, record) &&
    !isOfOtherInstance(goal.claim, record) &&
    goal.obsolete.some(({ uuid }) => uuid === record.uuid);
  const isEnd = goal.desired.length === 0;
  const isForgotten = (record: VgpuRecord) =>
    (isNamed(record) || (isEnd && isOfInstance(goal.claim, record))) && !isWanted(record.uuid) && isLost(record);
  return recordsOf(facts)
    .filter(isForgotten)
    .map(({ uuid }) => forget(uuid, "it is not wanted any more, and gone", goal.key));
}

/** What was there before the resource stays when the resource goes. */
export function givingBackSteps(facts: HostFacts, { goal, givenBack }: GpuChanges): Step[] {
  return givenBack.map((vgpu) =>
    forget(
      identityOf(facts, vgpu)!,
      `${formatVgpu(vgpu)} was there before and was adopted: it is given back and stays`,
      goal.key,
    ),
  );
}

const forget = (uuid: string, reason: string, key: string): Step =>
  step({ title: `forget the vGPU ${uuid}`, reason, command: ["forget_vgpu", uuid], device: uuid, requestedBy: [key] });

export function creationSteps(
  facts: HostFacts,
  { work: { goal, gpu }, wanted, type, function: fn, because: reason, needs, displaces }: Placed,
): Step[] {
  const words = [
    fn.address,
    String(type.id ?? type.name),
    wanted.uuid,
    normalizeParameters(wanted.parameters),
    ...recordEntries(goal.claim, gpu!, fn.framework!),
  ];
  const forgotten = displaces.map((uuid) =>
    forget(uuid, `its vGPU on ${fn.address} is gone, and another one takes the place`, goal.key),
  );
  const creation = step({
    title: `create ${type.name} ${wanted.name ? `"${wanted.name}" ` : ""}${wanted.uuid} on ${fn.address}`,
    reason,
    command: [fn.framework === "mdev" ? "create_mdev" : "set_type", ...words],
    dependsOn: [...needs.map((vgpu) => idOf(removal(facts, vgpu))), ...forgotten.map(({ id }) => id)],
    device: wanted.uuid,
    vgpu: { type: type.name, gpu: gpu!.address },
    requestedBy: [goal.key],
    limitSeconds: 120,
  });
  return [...forgotten, creation];
}

/** Of what is there already: that it is ours now, and its parameters. */
export function keepingSteps(facts: HostFacts, { goal, stays }: GpuChanges): Step[] {
  return stays.flatMap((one) => [
    ...adoption(facts, one, goal),
    ...(differsInParameters(one) ? [parameters(one, goal.key)] : []),
  ]);
}

function adoption(facts: HostFacts, { wanted, vgpu, uuid }: Assignment, goal: VgpuGoal): Step[] {
  const { claim, key } = goal;
  const record = recordOf(facts, vgpu!);
  const is = ownershipOf(facts, goal, vgpu!);
  const isKnownAsWanted = uuid === wanted.uuid || record?.servesAs === wanted.uuid;
  if (record && is !== "takenOver" && isRecordedBy(claim, record) && isKnownAsWanted) return [];
  const reason = !record
    ? "it is there as wanted, and nobody wrote down whose it is"
    : record.owner !== claim.owner && is === "takenOver"
      ? `it is taken over from ${record.owner}`
      : isKnownAsWanted
        ? `it now belongs to ${claim.resource}`
        : `it now serves as ${wanted.name ?? wanted.uuid}`;
  const { type, gpu, framework, parameters } = vgpu!;
  const serves = uuid === wanted.uuid ? undefined : wanted.uuid;
  const about = recordEntries(claim, facts.gpus.find(({ address }) => address === gpu)!, framework, {
    serves,
    adopted: is === "nobodys" || is === "adopted",
  });
  const command = ["adopt_vgpu", uuid, vgpu!.function, String(type.id), normalizeParameters(parameters), ...about];
  const which = { device: uuid, vgpu: { type: formatType(type), gpu } };
  return [step({ title: `adopt ${formatVgpu(vgpu!)}`, reason, command, ...which, requestedBy: [key] })];
}

function parameters({ wanted, vgpu, uuid }: Assignment, key: string): Step {
  const wants = normalizeParameters(wanted.parameters);
  const has = normalizeParameters(vgpu!.parameters);
  return step({
    title: `set the parameters of ${formatVgpu(vgpu!)} (${formatType(vgpu!.type)})`,
    reason: `${has ? `"${has}"` : "nothing"} is set instead of ${wants ? `"${wants}"` : "nothing"}`,
    command: ["set_parameters", vgpu!.uuid ?? vgpu!.function, wants, uuid],
    device: vgpu!.uuid ?? vgpu!.function,
    requestedBy: [key],
  });
}
