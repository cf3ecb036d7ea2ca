import type { HostFacts } from "../../model/facts/host-facts";
import type { Holder } from "../../model/facts/users";
import { isKnown, isUnknown } from "../../model/unknown";
import type { DriverDesire } from "../desire";
import { toEnd } from "../ending";
import { enumerate, gpuInWords, processInWords } from "../in-words";
import type { Obstacle } from "../obstacle";
import { nothing, type Plan } from "../plan";
import { whatACycleTakes } from "../sriov/in-the-way";

/** Whatever would lose its GPU or its vGPU with the driver (B98, B99): each is named, with what to do. */
export function blockedByUse(facts: HostFacts, desire: DriverDesire): Plan {
  // What is passed through as a whole is not the driver's.
  const driven = facts.gpus.filter(({ driver }) => driver !== "vfio-pci");
  const obstacles = [...driven.flatMap((gpu) => whatACycleTakes(facts, gpu, desire)), ...holders(facts), ...gpuInstances(facts)];
  return { ...nothing(), blockers: obstacles.map((one) => ({ ...one, for: [desire.key] })) };
}

/** Those that are stopped with the driver anyway do not count. NVIDIA's other services do: they are not ours to stop. */
function holders(facts: HostFacts): Obstacle[] {
  if (isUnknown(facts.holders))
    return [{ seen: `who has the GPUs open could not be read: ${facts.holders.unknown}`, next: "Log in as root, or with sudo" }];
  const held = new Map<number, Holder[]>();
  for (const holder of facts.holders) held.set(holder.process.pid, [...(held.get(holder.process.pid) ?? []), holder]);
  return [...held.values()].flatMap((nodes) => {
    const { process } = nodes[0]!;
    if (/^nvidia-vgpu(-mgr|d)/.test(process.unit ?? process.command)) return [];
    return [
      { seen: `${processInWords(process)} has ${enumerate(nodes.map(({ device }) => device))} open`, next: `${toEnd(process)} first` },
    ];
  });
}

function gpuInstances({ gpus }: HostFacts): Obstacle[] {
  return gpus
    .filter(({ mig }) => isKnown(mig) && mig?.current)
    .map((gpu) => ({
      device: gpu.address,
      seen: `${gpuInWords(gpu)} is in MIG mode, and its GPU instances would be lost with the driver`,
      next: `Turn it off first: nvidia-smi -i ${gpu.address} -mig 0`,
    }));
}
