import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuRecord, RestoreFacts } from "../../model/facts/restore";
import { isInMigMode } from "../gpu/readiness";
import { isReady } from "../gpu/vfs";
import type { Plan, Step } from "../plan";
import { findVgpu, recordsOf } from "../vgpu/vgpu";
import { hasRecordedInstances } from "./gpu-instances";
import { gpuRecordsOf } from "./gpu-records";

type Failure = RestoreFacts["failures"][number];

/** Adds to the reasons of steps why the last boot did not restore what they create. */
export function withFailures(facts: HostFacts, planned: Plan): Plan {
  const failures = facts.restore.failures.filter((one) => !isRestored(facts, one));
  if (failures.length === 0) return planned;
  return { ...planned, steps: planned.steps.map((step) => withFailure(facts, step, failures)) };
}

function withFailure(facts: HostFacts, step: Step, failures: readonly Failure[]): Step {
  const gpu = facts.gpus.find(({ address }) => address === step.device);
  const isAbout = ({ item }: Failure) => item === step.device || (gpu !== undefined && item === gpu.uuid);
  const failure = isCreating(step) ? failures.find(isAbout) : undefined;
  return failure ? { ...step, reason: `${step.reason}, and was not restored at boot: ${failure.reason}` } : step;
}

const creating = [
  "enable_vfs",
  "cycle_vfs",
  "bind_vfs",
  "publish_types",
  "set_mig_mode",
  "set_mixed_sizes",
  "create_gpu_instance",
  "create_mdev",
  "set_type",
];

/** Returns whether a step makes what a boot restores. */
export const isCreating = ({ command: [name] }: Step): boolean => creating.includes(name!);

/** Returns whether what failed at boot is there by now, or no longer to be restored. */
export function isRestored(facts: HostFacts, { item }: Failure): boolean {
  if (item === "host") return facts.driver.loaded !== null;
  const gpu = facts.gpus.find(({ uuid }) => uuid === item);
  const record = gpuRecordsOf(facts).find(({ uuid }) => uuid === item);
  if (gpu) return hasAll(gpu, record);
  return findVgpu(facts, item) !== null || !recordsOf(facts).some(({ uuid, restore }) => uuid === item && restore);
}

/** Returns whether a GPU has what its record restores. Without a record, it is about its virtual functions. */
const hasAll = (gpu: Gpu, record: GpuRecord | undefined): boolean =>
  (record?.vfs === 0 || isReady(gpu)) &&
  (!record?.mig || isInMigMode(gpu)) &&
  (!record?.mixedSizes || gpu.mixedSizes === "on") &&
  hasRecordedInstances(gpu, record);
