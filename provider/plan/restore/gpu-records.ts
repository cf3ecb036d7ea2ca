import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuRecord } from "../../model/facts/restore";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { formatGpu } from "../format";
import type { Goal, SriovGoal } from "../goal";
import { selectGpus } from "../gpu/find";
import { isInMigMode } from "../gpu/readiness";
import { usesVirtualFunctions } from "../gpu/vf-support";
import { isReady } from "../gpu/vfs";
import type { Plan, Step } from "../plan";

export const gpuRecordsOf = ({ restore: { gpus } }: HostFacts): GpuRecord[] => (isKnown(gpus) ? gpus : []);

export const recordOfGpu = (facts: HostFacts, gpu: Gpu): GpuRecord | undefined =>
  gpuRecordsOf(facts).find(({ uuid }) => uuid === gpu.uuid);

/** Records the GPUs that have virtual functions, or get them by this plan. */
export function recordGpus(facts: HostFacts, goal: SriovGoal, planned: Plan): Plan {
  if (goal.state !== "enabled" || goal.restorer === undefined || !isKnown(facts.restore.gpus)) return emptyPlan();
  return mergePlans(...gpusWithVfs(facts, goal, planned).map((gpu) => recordGpu(facts, gpu, goal, planned)));
}

/** Returns the GPUs of a goal that have VFs, or get them by this plan. */
export function gpusWithVfs(facts: HostFacts, goal: SriovGoal, planned: Plan): Gpu[] {
  const isPlanned = (gpu: Gpu) => stepsFor(gpu, goal, planned).length > 0;
  return selectGpus(facts, goal).gpus.filter((gpu) => usesVirtualFunctions(gpu) && (isReady(gpu) || isPlanned(gpu)));
}

/** Returns the steps of a goal that change a GPU. */
export const stepsFor = ({ address }: Pick<Gpu, "address">, { key }: Goal, { steps }: Plan): Step[] =>
  steps.filter(({ device, requestedBy }) => device === address && requestedBy.includes(key));

function recordGpu(facts: HostFacts, gpu: Gpu, goal: SriovGoal, planned: Plan): Plan {
  const { address, uuid } = gpu;
  const { total } = gpu.sriov!;
  const changesMode = planned.steps.some(({ command: [name, at] }) => name === "set_mig_mode" && at === address);
  // Before the driver runs, or before the mode is known or set. The next plan has it.
  if (uuid === null || !isKnown(gpu.mig) || changesMode) return emptyPlan();
  const record = recordOfGpu(facts, gpu);
  // A mode that is recorded for its own sake is no question of the virtual functions.
  const mig = record?.migOwner ? record.mig : isInMigMode(gpu);
  if (record?.address === address && record.vfs === total && record.mig === mig) return emptyPlan();
  const { owner, instance, resource } = goal.claim;
  const before = record && record.vfs > 0 ? `${record.vfs} of ${record.address}` : "none";
  return planBuilder(goal.key).todo(
    `record the virtual functions of ${formatGpu(gpu)}`,
    record
      ? `other ones would be restored at boot: ${before}, MIG mode ${record.mig ? "on" : "off"}`
      : "they are not restored at boot yet",
    [
      "record_gpu",
      uuid,
      address,
      String(total),
      `owner=${owner}`,
      `instance=${instance}`,
      `resource=${resource}`,
      ...(mig ? ["mig=on"] : []),
      ...(record?.mig && !mig ? ["mig=", "instances="] : []),
    ],
    { device: uuid, dependsOn: stepsFor(gpu, goal, planned).map(({ id }) => id) },
  );
}

/** Removes what is recorded for virtual functions when they are disabled or not to be restored; and all when the driver is uninstalled. */
export function forgetGpus(facts: HostFacts, goal: Goal, planned: Plan): Plan {
  const after = planned.steps.filter(({ requestedBy }) => requestedBy.includes(goal.key)).map(({ id }) => id);
  return mergePlans(
    ...gpuRecordsOf(facts)
      .filter((record) => isForgotten(facts, goal, record))
      .map((record) =>
        planBuilder(goal.key).todo(
          `forget the virtual functions of ${record.address}`,
          "they are not to be restored at boot any more",
          forgetVfs(goal, record),
          { device: record.uuid, dependsOn: after },
        ),
      ),
  );
}

/** MIG mode that is recorded for its own sake stays. Other virtual functions need the same GPU instances; disabled ones take them along. */
function forgetVfs(goal: Goal, { uuid, migOwner }: GpuRecord): string[] {
  if (goal.kind !== "sriov" || !migOwner) return ["forget_gpu", uuid];
  const words = ["vfs=", "owner=", "instance=", "resource="];
  return ["change_gpu_record", uuid, ...words, ...(goal.state === "disabled" ? ["instances="] : [])];
}

function isForgotten(facts: HostFacts, goal: Goal, { uuid, owner, vfs }: GpuRecord): boolean {
  if (goal.kind === "driver") return goal.state === "absent";
  if (goal.kind !== "sriov" || goal.restorer !== undefined || vfs === 0) return false;
  const isSelected =
    selectGpus(facts, goal).gpus.some((gpu) => gpu.uuid === uuid) || goal.pins?.some((pin) => pin.uuid === uuid);
  return isSelected === true && (goal.state === "disabled" || owner === goal.claim.owner);
}
