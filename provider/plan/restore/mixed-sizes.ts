import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { formatGpu } from "../format";
import type { Goal } from "../goal";
import { isInMigMode } from "../gpu/readiness";
import { usesVirtualFunctions } from "../gpu/vf-support";
import type { Plan } from "../plan";
import { unblockedSteps } from "../plan";
import { recordsOf } from "../vgpu/vgpu";
import { gpuRecordsOf, recordOfGpu } from "./gpu-records";
import { declaresNothing, endsRestore, goalsByGpu } from "./restoring";

/** Records whether GPUs with restored vGPUs mix framebuffer sizes, as they are after a plan. */
export function recordMixedSizes(facts: HostFacts, goals: readonly Goal[], planned: Plan): Plan {
  if (!isKnown(facts.restore.gpus)) return emptyPlan();
  return mergePlans(...goalsByGpu(facts, goals).map(({ gpu, keys }) => recordOn(facts, gpu, keys, planned)));
}

function recordOn(facts: HostFacts, gpu: Gpu, keys: string[], planned: Plan): Plan {
  const record = recordOfGpu(facts, gpu);
  const on = modeAfter(gpu, keys, planned);
  // Without the virtual functions of its record, a GPU that has some would lose the mode again (B148).
  const canRecord = record ? record.vfs > 0 || !usesVirtualFunctions(gpu) : on && !usesVirtualFunctions(gpu);
  if (gpu.uuid === null || !canRecord || on === undefined || (record?.mixedSizes ?? false) === on) return emptyPlan();
  return planBuilder(...keys).todo(
    `record mixed-size mode of ${formatGpu(gpu)}`,
    on ? "it is not restored at boot yet" : "it is off, and would be turned on at boot",
    ["change_gpu_record", gpu.uuid, ...(record ? [] : [`address=${gpu.address}`]), `mixed=${on ? "on" : ""}`],
    { device: gpu.uuid, dependsOn: modeSteps(gpu, planned).map(({ id }) => id) },
  );
}

const modeSteps = ({ address }: Gpu, planned: Plan) =>
  unblockedSteps(planned).filter(({ command: [name, at] }) => name === "set_mixed_sizes" && at === address);

/** Returns the mode after a plan; undefined: unknown, or still missing, because what was declared for it is not there yet. */
function modeAfter(gpu: Gpu, keys: readonly string[], planned: Plan): boolean | undefined {
  const [step] = modeSteps(gpu, planned);
  if (step) return step.command[2] === "1";
  if (isInMigMode(gpu)) return false;
  if (gpu.mixedSizes !== "off") return gpu.mixedSizes === "on" ? true : undefined;
  const isOpen = [...planned.steps, ...planned.blockers].some((one) =>
    one.requestedBy.some((key) => keys.includes(key)),
  );
  return isOpen ? undefined : false;
}

/** Removes the record of a GPU that has only this mode in it, with the last vGPU that is to be restored there. */
export function forgetMixedSizes(facts: HostFacts, goal: Goal, planned: Plan): Plan {
  const isEnding = goal.kind === "vgpus" && (goal.restorer === undefined || declaresNothing(goal));
  if (!isEnding || !isKnown(facts.records)) return emptyPlan();
  const steps = unblockedSteps(planned);
  const removals = (gpu: string) => {
    const items = recordsOf(facts).filter((one) => one.restore && one.gpu === gpu);
    const ended = items.map(({ uuid }) => steps.filter((step) => endsRestore(step, uuid)));
    return ended.every((some) => some.length > 0) ? ended.flat() : [];
  };
  return mergePlans(
    ...gpuRecordsOf(facts)
      .filter(({ vfs, mig }) => vfs === 0 && !mig)
      .map(({ uuid, address }) => {
        const last = removals(uuid);
        if (!last.some(({ requestedBy }) => requestedBy.includes(goal.key))) return emptyPlan();
        return planBuilder(goal.key).todo(
          `forget mixed-size mode of ${address}`,
          "it is not to be turned on at boot any more",
          ["forget_gpu", uuid],
          { device: uuid, dependsOn: last.map(({ id }) => id) },
        );
      }),
  );
}
