import type { HostFacts } from "../../model/facts/host-facts";
import type { Holder } from "../../model/facts/users";
import { isKnown, isUnknown } from "../../model/unknown";
import { planBuilder } from "../builder";
import { enumerate, formatGpu, formatProcess } from "../format";
import type { DriverGoal } from "../goal";
import { howToStop } from "../how-to-stop";
import type { BlockerReason, Plan } from "../plan";
import { usersLostByVfCycle } from "../sriov/blockers";

/** Returns each user that would lose its GPU or vGPU with the driver (B98, B99), with what to do. */
export function useBlockers(facts: HostFacts, goal: DriverGoal): Plan {
  // The driver does not manage GPUs that are passed through.
  const driven = facts.gpus.filter(({ driver }) => driver !== "vfio-pci");
  const reasons = [
    ...driven.flatMap((gpu) => usersLostByVfCycle(facts, gpu, goal)),
    ...holderBlockers(facts),
    ...migBlockers(facts),
  ];
  return planBuilder(goal.key).blockedBy(reasons);
}

/** Skips the services that are stopped with the driver. NVIDIA's other services block: only the operator may stop them. */
function holderBlockers(facts: HostFacts): BlockerReason[] {
  if (isUnknown(facts.holders))
    return [
      {
        reason: `could not determine which processes have the GPUs open: ${facts.holders.unknown}`,
        hint: "Log in as root, or with sudo",
      },
    ];
  const held = new Map<number, Holder[]>();
  for (const holder of facts.holders) held.set(holder.process.pid, [...(held.get(holder.process.pid) ?? []), holder]);
  return [...held.values()].flatMap((nodes) => {
    const { process } = nodes[0]!;
    if (/^nvidia-vgpu(-mgr|d)/.test(process.unit ?? process.command)) return [];
    return [
      {
        reason: `${formatProcess(process)} has ${enumerate(nodes.map(({ device }) => device))} open`,
        hint: `${howToStop(process)} first`,
      },
    ];
  });
}

function migBlockers({ gpus }: HostFacts): BlockerReason[] {
  return gpus
    .filter(({ mig }) => isKnown(mig) && mig?.current)
    .map((gpu) => ({
      device: gpu.address,
      reason: `${formatGpu(gpu)} is in MIG mode, and its GPU instances would be lost with the driver`,
      hint: `Turn it off first: nvidia-smi -i ${gpu.address} -mig 0`,
    }));
}
