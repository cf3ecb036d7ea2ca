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
import type { Plan } from "../plan";

export const gpuRecordsOf = ({ restore: { gpus } }: HostFacts): GpuRecord[] => (isKnown(gpus) ? gpus : []);

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

const stepsFor = ({ address }: Gpu, { key }: Goal, { steps }: Plan) =>
  steps.filter(({ device, requestedBy }) => device === address && requestedBy.includes(key));

function recordGpu(facts: HostFacts, gpu: Gpu, goal: SriovGoal, planned: Plan): Plan {
  const { todo } = planBuilder(goal.key);
  const { address, uuid } = gpu;
  const { total } = gpu.sriov!;
  // Before the driver runs. The next plan has it.
  if (uuid === null) return emptyPlan();
  const record = gpuRecordsOf(facts).find((one) => one.uuid === uuid);
  const mig = isInMigMode(gpu);
  if (record?.address === address && record.vfs === total && record.mig === mig) return emptyPlan();
  const { owner, instance, resource } = goal.claim;
  const more = [...(mig ? ["mig=on"] : []), ...(mig && record?.instances ? [`instances=${record.instances}`] : [])];
  return todo(
    `record the virtual functions of ${formatGpu(gpu)}`,
    record
      ? `other ones would be restored at boot: ${record.vfs} of ${record.address}, MIG mode ${record.mig ? "on" : "off"}`
      : "they are not restored at boot yet",
    [
      "record_gpu",
      uuid,
      address,
      String(total),
      `owner=${owner}`,
      `instance=${instance}`,
      `resource=${resource}`,
      ...more,
    ],
    { device: uuid, dependsOn: stepsFor(gpu, goal, planned).map(({ id }) => id) },
  );
}

/** Removes the records of GPUs when their virtual functions are disabled or not to be restored, or the driver is uninstalled. */
export function forgetGpus(facts: HostFacts, goal: Goal, planned: Plan): Plan {
  const after = planned.steps.filter(({ requestedBy }) => requestedBy.includes(goal.key)).map(({ id }) => id);
  return mergePlans(
    ...gpuRecordsOf(facts)
      .filter((record) => isForgotten(facts, goal, record))
      .map(({ uuid, address }) =>
        planBuilder(goal.key).todo(
          `forget the virtual functions of ${address}`,
          "they are not to be restored at boot any more",
          ["forget_gpu", uuid],
          { device: uuid, dependsOn: after },
        ),
      ),
  );
}

function isForgotten(facts: HostFacts, goal: Goal, { uuid, owner }: GpuRecord): boolean {
  if (goal.kind === "driver") return goal.state === "absent";
  if (goal.kind !== "sriov" || goal.restorer !== undefined) return false;
  const isSelected =
    selectGpus(facts, goal).gpus.some((gpu) => gpu.uuid === uuid) || goal.pins?.some((pin) => pin.uuid === uuid);
  return isSelected === true && (goal.state === "disabled" || owner === goal.claim.owner);
}
