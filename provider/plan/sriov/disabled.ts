import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { formatGpu } from "../format";
import type { SriovGoal, VgpuGoal } from "../goal";
import { driverBlocker, gpuDriverBlocker, migBlocker } from "../gpu/readiness";
import { usesVirtualFunctions } from "../gpu/vf-support";
import type { BlockerReason, Plan } from "../plan";
import { cycleBlockers, vgpusToKeep } from "./blockers";
import { bindPf, isStranded } from "./enabled";

/** Plans all VFs of one GPU off, and the GPU bound to its driver. */
export function planDisabled(facts: HostFacts, gpu: Gpu, goal: SriovGoal, vgpuGoals: readonly VgpuGoal[]): Plan {
  const enabled = usesVirtualFunctions(gpu) ? (gpu.sriov?.enabled ?? 0) : 0;
  const canBind = isStranded(gpu) && facts.driver.loaded !== null;
  const blockers = enabled ? disableBlockers(facts, gpu, goal, vgpuGoals) : [];
  if (blockers.length) return planBuilder(goal.key).blockedBy(blockers);
  return mergePlans(
    canBind ? bindPf(gpu, goal.key) : emptyPlan(),
    enabled ? disableVfs(gpu, enabled, goal.key) : emptyPlan(),
  );
}

function disableBlockers(facts: HostFacts, gpu: Gpu, goal: SriovGoal, vgpuGoals: readonly VgpuGoal[]): BlockerReason[] {
  const unusable = driverBlocker(facts) ?? gpuDriverBlocker(gpu) ?? migBlocker(gpu);
  if (unusable) return [unusable];
  return [
    ...cycleBlockers(facts, gpu, goal),
    ...vgpusToKeep(facts, gpu, goal.claim, vgpuGoals, "the virtual functions"),
  ];
}

const disableVfs = (gpu: Gpu, enabled: number, key: string): Plan =>
  planBuilder(key).todo(
    `disable the virtual functions of ${formatGpu(gpu)}`,
    `${enabled} VFs are on`,
    ["disable_vfs", gpu.address],
    { device: gpu.address, limitSeconds: 180, destructive: true },
  );
