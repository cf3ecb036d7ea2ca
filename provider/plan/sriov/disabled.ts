import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { emptyPlan, step } from "../builder";
import { formatGpu } from "../format";
import type { SriovGoal, VgpuGoal } from "../goal";
import { driverBlocker, gpuDriverBlocker, migBlocker } from "../gpu/readiness";
import { usesVirtualFunctions } from "../gpu/vf-support";
import type { BlockerReason, Plan, Step } from "../plan";
import { cycleBlockers, vgpusToKeep } from "./blockers";
import { bindPf, isStranded } from "./enabled";

/** No VF of one GPU on, and the GPU with its driver. */
export function planDisabled(facts: HostFacts, gpu: Gpu, goal: SriovGoal, cards: readonly VgpuGoal[]): Plan {
  const { key } = goal;
  const enabled = usesVirtualFunctions(gpu) ? (gpu.sriov?.enabled ?? 0) : 0;
  const stranded = isStranded(gpu) && facts.driver.loaded !== null;
  if (!enabled && !stranded) return emptyPlan();
  const obstacles = enabled ? whyNotNow(facts, gpu, goal, cards) : [];
  if (obstacles.length) return { ...emptyPlan(), blockers: obstacles.map((one) => ({ ...one, requestedBy: [key] })) };
  return {
    ...emptyPlan(),
    steps: [...(stranded ? [bindPf(gpu, key)] : []), ...(enabled ? [disable(gpu, enabled, key)] : [])],
  };
}

function whyNotNow(facts: HostFacts, gpu: Gpu, goal: SriovGoal, cards: readonly VgpuGoal[]): BlockerReason[] {
  const never = driverBlocker(facts) ?? gpuDriverBlocker(gpu) ?? migBlocker(gpu);
  return never
    ? [never]
    : [...cycleBlockers(facts, gpu, goal), ...vgpusToKeep(facts, gpu, goal.claim, cards, "the virtual functions")];
}

const disable = (gpu: Gpu, enabled: number, key: string): Step =>
  step({
    title: `disable the virtual functions of ${formatGpu(gpu)}`,
    reason: `${enabled} VFs are on`,
    command: ["disable_vfs", gpu.address],
    device: gpu.address,
    requestedBy: [key],
    limitSeconds: 180,
    destructive: true,
  });
