import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuInstance } from "../../model/facts/mig";
import { idOf, mergePlans, planBuilder } from "../builder";
import { formatGpu } from "../format";
import { declaresInstances } from "../gpu-instances/declared";
import { profileNames } from "../gpu-instances/mig-of";
import type { Plan } from "../plan";
import type { InstanceChanges } from "./gpu-placer";
import { removalCommand } from "./steps";

/** Plans the GPU instances that new vGPUs need: first those that are in the way go, then larger ones are created before smaller ones. */
export function planInstances(facts: HostFacts, changes: InstanceChanges): Plan {
  const { gpu, goals, leaving, destroyed, created } = changes;
  const nameOf = profileNames(gpu);
  const { todo } = planBuilder(...goals.map(({ key }) => key));
  const device = gpu.address;
  const removals = leaving.map((vgpu) => idOf(removalCommand(facts, vgpu)));
  const destroy = ({ profileId, start }: GpuInstance) => [
    "destroy_gpu_instance",
    device,
    String(profileId),
    String(start),
  ];
  const destroying = destroyed.map((instance) =>
    todo(
      `destroy the GPU instance ${nameOf(instance.profileId)} at slice ${instance.start} of ${formatGpu(gpu)}`,
      "its place is needed, and no vGPU is on it",
      destroy(instance),
      { device, dependsOn: removals, destructive: true },
    ),
  );
  const creating = created.map(({ profile, start }) =>
    todo(
      `create a GPU instance ${profile.name} at slice ${start} of ${formatGpu(gpu)}`,
      goals.some(declaresInstances) ? "it is missing" : "the declared vGPUs need it",
      ["create_gpu_instance", device, String(profile.id), String(start)],
      { device, dependsOn: [...removals, ...destroyed.map((instance) => idOf(destroy(instance)))] },
    ),
  );
  return mergePlans(...destroying, ...creating);
}
