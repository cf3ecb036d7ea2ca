import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { emptyPlan, idOf, mergePlans, planBuilder } from "../builder";
import type { VgpuGoal } from "../goal";
import { isInMigMode } from "../gpu/readiness";
import type { Plan } from "../plan";
import type { Assignment } from "./assign";
import type { GpuChanges } from "./gpu-changes";
import { differsInParameters } from "./gpu-changes";
import type { Placed } from "./gpu-placer";
import { isOfInstance, isOfOtherInstance, isOwn, isRecordedBy, ownershipOf, recordEntries } from "./ownership";
import { formatType, formatVgpu, identityOf, normalizeParameters, recordOf, recordsOf } from "./vgpu";

export function planRemovals(facts: HostFacts, { goal, removals }: GpuChanges): Plan {
  const { todo } = planBuilder(goal.key);
  return mergePlans(
    ...removals.map(({ vgpu, reason }) =>
      todo(`remove ${formatVgpu(vgpu)}`, reason, removalCommand(facts, vgpu), {
        device: vgpu.uuid ?? vgpu.function,
        vgpu: { type: formatType(vgpu.type), gpu: vgpu.gpu },
      }),
    ),
  );
}

export function removalCommand(facts: HostFacts, vgpu: Vgpu): string[] {
  const identity = identityOf(facts, vgpu);
  return vgpu.uuid
    ? ["remove_mdev", vgpu.uuid]
    : ["clear_type", vgpu.function, String(vgpu.type.id), ...(identity ? [identity] : [])];
}

/** Removes records of obsolete vGPUs that were lost before they could be removed. */
export function forgetLost(facts: HostFacts, { goal }: GpuChanges): Plan {
  const isDesired = ({ uuid }: VgpuRecord) => goal.desired.some((one) => one.uuid === uuid);
  const isLost = ({ uuid }: VgpuRecord) => !facts.vgpus.some((vgpu) => identityOf(facts, vgpu) === uuid);
  const isObsolete = (record: VgpuRecord) =>
    isOwn(goal, record) &&
    !isOfOtherInstance(goal.claim, record) &&
    goal.obsolete.some(({ uuid }) => uuid === record.uuid);
  const removesAll = goal.desired.length === 0;
  const isForgotten = (record: VgpuRecord) =>
    (isObsolete(record) || (removesAll && isOfInstance(goal.claim, record))) && !isDesired(record) && isLost(record);
  return mergePlans(
    ...recordsOf(facts)
      .filter(isForgotten)
      .map(({ uuid }) => forget(uuid, "it is not declared any more, and does not exist", goal.key)),
  );
}

/** Removes only the records of adopted vGPUs: what existed before the resource stays when the resource goes. */
export function releaseAdopted(facts: HostFacts, { goal, released }: GpuChanges): Plan {
  return mergePlans(
    ...released.map((vgpu) =>
      forget(
        identityOf(facts, vgpu)!,
        `${formatVgpu(vgpu)} existed before and was adopted: it stays without a record`,
        goal.key,
      ),
    ),
  );
}

const forget = (uuid: string, reason: string, key: string): Plan =>
  planBuilder(key).todo(`forget the vGPU ${uuid}`, reason, ["forget_vgpu", uuid], { device: uuid });

/** Plans a vGPU. `before` has the changes of GPU instances and of mixed-size mode. */
export function planCreation(facts: HostFacts, placed: Placed, before: readonly Plan[]): Plan {
  const { changes, desired, type, function: fn, reason, removedFirst, displacedUuids } = placed;
  const { goal, gpu } = changes;
  const forgotten = mergePlans(
    ...displacedUuids.map((uuid) =>
      forget(uuid, `its vGPU on ${fn.address} is gone, and another one takes the place`, goal.key),
    ),
  );
  const command = [
    fn.framework === "mdev" ? "create_mdev" : "set_type",
    fn.address,
    String(type.id ?? type.name),
    desired.uuid,
    normalizeParameters(desired.parameters),
    ...recordEntries(goal.claim, gpu!, fn.framework!, {
      restore: isRestored(facts, goal),
      mdevctl: isDefined(facts, goal, gpu!, desired.uuid) && fn.framework === "mdev",
    }),
  ];
  const name = desired.name ? `"${desired.name}" ` : "";
  const title = `create ${type.name} ${name}${desired.uuid} on ${fn.address}`;
  const creation = planBuilder(goal.key).todo(title, reason, command, {
    dependsOn: [
      ...removedFirst.map((vgpu) => idOf(removalCommand(facts, vgpu))),
      ...forgotten.steps.map(({ id }) => id),
      ...before.flatMap(({ steps }) => steps.filter(({ device }) => device === gpu!.address).map(({ id }) => id)),
    ],
    device: desired.uuid,
    vgpu: { type: type.name, gpu: gpu!.address },
    limitSeconds: 120,
  });
  return mergePlans(forgotten, creation);
}

/** Adopts existing vGPUs and sets their parameters, where needed. */
export function planKept(facts: HostFacts, { goal, kept }: GpuChanges): Plan {
  return mergePlans(
    ...kept.flatMap((one) => [
      planAdoption(facts, one, goal),
      differsInParameters(one) ? setParameters(one, goal.key) : emptyPlan(),
    ]),
  );
}

function planAdoption(facts: HostFacts, { desired, vgpu, uuid }: Assignment, goal: VgpuGoal): Plan {
  const { claim, key } = goal;
  const record = recordOf(facts, vgpu!);
  const ownership = ownershipOf(facts, goal, vgpu!);
  const hasUuid = uuid === desired.uuid || record?.servesAs === desired.uuid;
  const restore = isRestored(facts, goal);
  if (!record && goal.isImported && !restore) return emptyPlan();
  const isOurs = record !== null && ownership !== "takenOver" && isRecordedBy(claim, record) && hasUuid;
  if (isOurs && (record.restore ?? false) === restore) return emptyPlan();
  const { type, gpu, framework, parameters } = vgpu!;
  const entries = recordEntries(claim, facts.gpus.find(({ address }) => address === gpu)!, framework, {
    serves: uuid === desired.uuid ? undefined : desired.uuid,
    adopted: ownership === "unmanaged" || ownership === "adopted",
    restore,
    mdevctl: record?.mdevctl,
  });
  const command = ["adopt_vgpu", uuid, vgpu!.function, String(type.id), normalizeParameters(parameters), ...entries];
  const options = { device: uuid, vgpu: { type: formatType(type), gpu } };
  if (isOurs) {
    const reason = restore ? "it is not restored at boot yet" : "it is not to be restored at boot any more";
    return planBuilder(key).todo(
      `record ${formatVgpu(vgpu!)}`,
      reason,
      ["rerecord_vgpu", ...command.slice(1)],
      options,
    );
  }
  const isTakenOver = record !== null && record.owner !== claim.owner && ownership === "takenOver";
  const reason = !record
    ? "it exists as declared, without a record"
    : isTakenOver
      ? `it is taken over from ${record.owner}`
      : hasUuid
        ? `it now belongs to ${claim.resource}`
        : `it now serves as ${desired.name ?? desired.uuid}`;
  return planBuilder(key).todo(`adopt ${formatVgpu(vgpu!)}`, reason, command, options);
}

const isRestored = ({ restore }: HostFacts, { restorer }: VgpuGoal): boolean =>
  restore.systemd && restorer !== undefined;

/**
 * Returns whether mdevctl is to list a vGPU that is restored at boot. It cannot keep one in MIG mode (B162), and a definition of another
 * program stays as it is.
 */
function isDefined(facts: HostFacts, goal: VgpuGoal, gpu: Gpu, uuid: string): boolean {
  const { mdevDefinitions, system } = facts;
  if (!isRestored(facts, goal) || !system.tools.mdevctl || !isKnown(mdevDefinitions) || isInMigMode(gpu)) return false;
  const isOwn = recordsOf(facts).some((record) => record.uuid === uuid && record.mdevctl);
  return isOwn || !mdevDefinitions.some((one) => one.uuid.toLowerCase() === uuid);
}

function setParameters({ desired, vgpu, uuid }: Assignment, key: string): Plan {
  const expected = normalizeParameters(desired.parameters);
  const found = normalizeParameters(vgpu!.parameters);
  const quote = (parameters: string) => (parameters ? `"${parameters}"` : "nothing");
  const device = vgpu!.uuid ?? vgpu!.function;
  return planBuilder(key).todo(
    `set the parameters of ${formatVgpu(vgpu!)} (${formatType(vgpu!.type)})`,
    `${quote(found)} is set instead of ${quote(expected)}`,
    ["set_parameters", device, expected, uuid],
    { device },
  );
}
