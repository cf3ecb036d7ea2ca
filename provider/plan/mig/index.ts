import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { isType } from "../../model/vgpu-type";
import { emptyPlan, mergePlans, planBuilder, sequential } from "../builder";
import { earlierRebootBlockers, reboot, rebootBlockers } from "../driver/reboot";
import { formatGpu } from "../format";
import type { DesiredVgpu, MigGoal, VgpuGoal } from "../goal";
import { findPinnedGpu, selectGpus } from "../gpu/find";
import { driverBlocker, gpuDriverBlocker, unreadMigBlocker } from "../gpu/readiness";
import { migTypeNamed } from "../gpu-instances/mig-of";
import type { BlockerReason, Plan } from "../plan";
import { cycleBlockers, gpuHolders, vgpusToKeep } from "../sriov/blockers";
import { bindPf, isStranded } from "../sriov/enabled";

/**
 * Plans MIG mode of GPUs, on or off. `vgpuGoals` are those of the same plan. The mode changes only while the VFs are off (B82), so they go
 * first, with the vGPUs on them; the resources of this host that need them enable them again. One GPU after the other, and none after one
 * that failed.
 */
export function planMig(facts: HostFacts, goal: MigGoal, vgpuGoals: readonly VgpuGoal[] = []): Plan {
  return sequential(mergePlans(planModes(facts, goal, true, vgpuGoals), planModes(facts, goal, false, vgpuGoals)));
}

function planModes(facts: HostFacts, goal: MigGoal, on: boolean, vgpuGoals: readonly VgpuGoal[]): Plan {
  const selectors = on ? goal.arguments.enabled : goal.arguments.disabled;
  const selected = selectGpus(facts, { gpus: selectors, pins: goal.pins });
  const { gpus } = selected;
  // A GPU that is gone has no mode that a deleted resource could turn off. A selector that fits several GPUs may name one that has.
  const unresolved = selected.unresolved.filter(({ ambiguous }) => ambiguous || !goal.isDeleted);
  const driver = selectors.length ? driverBlocker(facts) : null;
  const { blockedBy } = planBuilder(goal.key);
  if (driver) return blockedBy([...unresolved, driver]);
  return mergePlans(blockedBy(unresolved), ...gpus.map((gpu) => planMode(facts, gpu, goal, on, vgpuGoals)));
}

function planMode(facts: HostFacts, gpu: Gpu, goal: MigGoal, on: boolean, vgpuGoals: readonly VgpuGoal[]): Plan {
  const { blockedBy } = planBuilder(goal.key);
  const { mig } = gpu;
  const unusable = gpuDriverBlocker(gpu);
  if (unusable) return blockedBy([unusable]);
  if (!isKnown(mig) && !isStranded(gpu)) return blockedBy([unreadMigBlocker(gpu, mig)]);
  if (!mig) return on ? blockedBy([noMigBlocker(gpu)]) : emptyPlan();
  if (isKnown(mig) && mig.pending === on) return mig.current === on ? emptyPlan() : settle(facts, gpu, goal, on);
  const blockers = [
    ...(gpu.sriov?.enabled
      ? cycleBlockers(facts, gpu, goal)
      : gpuHolders(facts, gpu, "its MIG mode cannot change", releasingUnits)),
    ...(goal.isDeleted ? vgpusToKeep(facts, gpu, goal.claim, vgpuGoals, "MIG mode") : []),
    ...vgpuGoals.flatMap((one) => contradictionBlocker(facts, gpu, on, one)),
  ];
  return blockers.length ? blockedBy(blockers) : mergePlans(prepare(gpu, goal, on), setMode(gpu, goal, on));
}

/** Returns that vGPUs of the same plan need the other mode. They would be lost, and not come back. */
function contradictionBlocker(facts: HostFacts, gpu: Gpu, on: boolean, goal: VgpuGoal): BlockerReason[] {
  if (findPinnedGpu(goal.gpu, goal.pin, facts.gpus) !== gpu) return [];
  const needsOther = ({ type }: DesiredVgpu) =>
    on ? gpu.types.some((one) => isType(type, one)) : migTypeNamed(gpu, type) !== undefined;
  const one = goal.desired.find(needsOther);
  if (!one) return [];
  const reason = `MIG mode of ${formatGpu(gpu)} is to be turned ${on ? "on" : "off"}, and ${goal.claim.resource} declares ${one.type}, which needs it ${on ? "off" : "on"}`;
  return [{ device: gpu.address, reason, hint: "Declare types for that mode, or the other mode" }];
}

/** They have the GPU open, and release it for nvidia-smi -mig (B140). */
const releasingUnits = ["nvidia-persistenced.service", "nvidia-fabricmanager.service"];

/** Workstation boards of RTX PRO 6000: MIG needs the mode without displays (B117). */
const withDisplayModes = ["2bb1", "2bb4"];

function noMigBlocker(gpu: Gpu): BlockerReason {
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} has no MIG mode`,
    hint: withDisplayModes.includes(gpu.deviceId)
      ? "A workstation GPU has it only without displays: displaymodeselector --gpumode physical_display_disabled"
      : "Remove it from `enabled`",
  };
}

/** A GPU of GA100 that had a client takes its new mode only at a reset; a reboot is one (B136). */
function settle(facts: HostFacts, gpu: Gpu, goal: MigGoal, on: boolean): Plan {
  const reason = `${formatGpu(gpu)} turns MIG mode ${on ? "on" : "off"} at its next reset`;
  return mergePlans(earlierRebootBlockers(facts, goal, [reason]), rebootBlockers(facts, goal), reboot(goal, [reason]));
}

/** VFs off and the GPU on its driver, from which an interrupted run may have taken it. */
function prepare(gpu: Gpu, { key }: MigGoal, on: boolean): Plan {
  if (!gpu.sriov?.enabled) return isStranded(gpu) ? bindPf(gpu, key) : emptyPlan();
  return planBuilder(key).todo(
    `disable the virtual functions of ${formatGpu(gpu)}`,
    `MIG mode can be turned ${on ? "on" : "off"} only without them`,
    ["disable_vfs", gpu.address],
    { device: gpu.address, limitSeconds: 180, destructive: true },
  );
}

function setMode(gpu: Gpu, { key }: MigGoal, on: boolean): Plan {
  const { mig } = gpu;
  const [wanted, opposite] = on ? ["on", "off"] : ["off", "on"];
  const isOnlyUntilReset = isKnown(mig) && mig?.current === on;
  const found = isOnlyUntilReset ? `it would be turned ${opposite} at the next reset` : `MIG mode is ${opposite}`;
  return planBuilder(key).todo(
    `turn MIG mode ${wanted} for ${formatGpu(gpu)}`,
    isKnown(mig) ? found : "its MIG mode could not be read, because the driver nvidia does not have it",
    ["set_mig_mode", gpu.address, on ? "1" : "0"],
    { device: gpu.address, limitSeconds: 120, destructive: true },
  );
}
