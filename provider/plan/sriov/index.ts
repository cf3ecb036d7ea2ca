import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { mergePlans, planBuilder, sequential } from "../builder";
import type { SriovGoal, VgpuGoal } from "../goal";
import { selectGpus } from "../gpu/find";
import { isReady } from "../gpu/vfs";
import type { Plan } from "../plan";
import { hostBlocker } from "./blockers";
import { planDisabled } from "./disabled";
import { planEnabled, skipReason } from "./enabled";

/**
 * Plans the virtual functions of GPUs, on or off. `vgpuGoals` are those of the same plan. Never two GPUs at once, and none after one
 * that failed: the state of the driver may be the cause.
 */
export function planSriov(facts: HostFacts, goal: SriovGoal, vgpuGoals: readonly VgpuGoal[] = []): Plan {
  return sequential(goal.state === "enabled" ? enableAll(facts, goal) : disableAll(facts, goal, vgpuGoals));
}

function enableAll(facts: HostFacts, goal: SriovGoal): Plan {
  const { blockedBy } = planBuilder(goal.key);
  const { gpus, unresolved } = selectGpus(facts, goal);
  const host = hostBlocker(facts, gpus);
  if (host) return blockedBy([...unresolved, host]);
  const planGpu = goal.gpus === "all" ? planEnabledOrSkipped : planEnabled;
  return mergePlans(
    blockedBy(unresolved),
    ...gpus.map((gpu) => planGpu(facts, gpu, goal)),
    noteCompetingUnits(facts, goal),
  );
}

/** A GPU that is missing has no VFs on. A selector that fits several GPUs may name one that has. */
function disableAll(facts: HostFacts, goal: SriovGoal, vgpuGoals: readonly VgpuGoal[]): Plan {
  const { gpus, unresolved } = selectGpus(facts, goal);
  return mergePlans(
    planBuilder(goal.key).blockedBy(unresolved.filter(({ ambiguous }) => ambiguous)),
    ...gpus.map((gpu) => planDisabled(facts, gpu, goal, vgpuGoals)),
  );
}

function planEnabledOrSkipped(facts: HostFacts, gpu: Gpu, goal: SriovGoal): Plan {
  const skipped = isReady(gpu) ? null : skipReason(facts, gpu, goal);
  if (!skipped) return planEnabled(facts, gpu, goal);
  return planBuilder(goal.key).noted(`skipped: ${skipped.reason}`, { device: gpu.address });
}

/** Names units of Proxmox, StackHPC and OpenStack that enable VFs at boot too. If this package does so as well, they are blockers. */
function noteCompetingUnits({ driver }: HostFacts, { key, restorer }: SriovGoal): Plan {
  const units =
    isKnown(driver.services) && restorer === undefined
      ? driver.services.filter(({ name, present }) => present && /^(pve-)?nvidia-sriov/.test(name))
      : [];
  return mergePlans(
    ...units.map(({ name }) => planBuilder(key).noted(`${name} enables virtual functions at boot too`)),
  );
}
