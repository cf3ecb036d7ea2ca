import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuRecord } from "../../model/facts/restore";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { formatGpu } from "../format";
import type { MigGoal } from "../goal";
import { selectGpus } from "../gpu/find";
import type { Plan } from "../plan";
import { gpuRecordsOf, recordOfGpu, stepsFor } from "./gpu-records";

/** Records MIG mode of the GPUs that have it or get it by this plan, and takes it out of the records of the others. */
export function recordModes(facts: HostFacts, goal: MigGoal, planned: Plan): Plan {
  if (!isKnown(facts.restore.gpus)) return emptyPlan();
  const on = gpusInMode(facts, goal, planned, true);
  const off = gpusInMode(facts, goal, planned, false).flatMap((gpu) => recordOfGpu(facts, gpu) ?? []);
  return mergePlans(
    ...on.map((gpu) => recordMode(facts, gpu, goal, planned)),
    ...[...off, ...missingRecords(facts, goal)].map((record) => forgetMode(record, true, goal, planned)),
  );
}

/** Returns the GPUs for which a goal declares a mode and that have it, or get it by this plan. */
export function gpusInMode(facts: HostFacts, goal: MigGoal, planned: Plan, on: boolean): Gpu[] {
  const gpus = on ? goal.arguments.enabled : goal.arguments.disabled;
  const isSet = (gpu: Gpu) => stepsFor(gpu, goal, planned).some(({ command: [name] }) => name === "set_mig_mode");
  const isThere = ({ mig }: Gpu) => isKnown(mig) && (mig?.current ?? false) === on;
  return selectGpus(facts, { gpus, pins: goal.pins }).gpus.filter((gpu) => isThere(gpu) || isSet(gpu));
}

function recordMode(facts: HostFacts, gpu: Gpu, goal: MigGoal, planned: Plan): Plan {
  const { uuid, address } = gpu;
  const { owner } = goal.claim;
  const record = recordOfGpu(facts, gpu);
  if (goal.restorer === undefined)
    return record?.migOwner === owner ? forgetMode(record, false, goal, planned) : emptyPlan();
  // Without a UUID the driver does not run yet. The next plan has it.
  if (uuid === null || (record?.mig && record.migOwner && record.address === address)) return emptyPlan();
  return planBuilder(goal.key).todo(
    `record MIG mode of ${formatGpu(gpu)}`,
    whyRecord(record),
    ["change_gpu_record", uuid, `address=${address}`, "mig=on", `mig_owner=${owner}`],
    { device: uuid, dependsOn: stepsFor(gpu, goal, planned).map(({ id }) => id) },
  );
}

function whyRecord(record: GpuRecord | undefined): string {
  if (!record?.mig) return "it is not restored at boot yet";
  return record.migOwner ? `it was recorded at ${record.address}` : "it is restored at boot only for virtual functions";
}

/** Virtual functions that are restored keep a mode that is on, because their types depend on it. */
function forgetMode(
  { uuid, address, vfs, mig, migOwner }: GpuRecord,
  isOff: boolean,
  goal: MigGoal,
  planned: Plan,
): Plan {
  if (!mig && !migOwner) return emptyPlan();
  const staysForVfs = !isOff && vfs > 0;
  return planBuilder(goal.key).todo(
    `forget MIG mode of ${address}`,
    staysForVfs
      ? "at boot it is to be turned on only for virtual functions"
      : "it is not to be turned on at boot any more",
    vfs === 0
      ? ["forget_gpu", uuid]
      : ["change_gpu_record", uuid, "mig_owner=", ...(isOff ? ["mig=", "instances="] : [])],
    { device: uuid, dependsOn: stepsFor({ address }, goal, planned).map(({ id }) => id) },
  );
}

/** A GPU that is gone is not looked for at boot any more once its resource is deleted. */
function missingRecords(facts: HostFacts, { isDeleted, pins = [] }: MigGoal): GpuRecord[] {
  const isMissing = ({ uuid }: GpuRecord) => !facts.gpus.some((gpu) => gpu.uuid === uuid || gpu.uuid === null);
  const isDeclared = ({ uuid }: GpuRecord) => pins.some((pin) => pin.uuid === uuid);
  return isDeleted ? gpuRecordsOf(facts).filter((record) => isDeclared(record) && isMissing(record)) : [];
}
