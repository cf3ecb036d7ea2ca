import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuRecord } from "../../model/facts/restore";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { formatGpu } from "../format";
import type { Goal } from "../goal";
import { isInMigMode } from "../gpu/readiness";
import { instancesOf, profilesOf } from "../gpu-instances/mig-of";
import type { Plan } from "../plan";
import { unblockedSteps } from "../plan";
import { recordOfGpu } from "./gpu-records";
import { goalsByGpu } from "./restoring";

/** Adds the GPU instances of restored vGPUs to the records of their GPUs, as they are after a plan. */
export function recordInstances(facts: HostFacts, goals: readonly Goal[], planned: Plan): Plan {
  return mergePlans(...goalsByGpu(facts, goals).map(({ gpu, keys }) => recordOn(facts, gpu, keys, planned)));
}

function recordOn(facts: HostFacts, gpu: Gpu, keys: string[], planned: Plan): Plan {
  const record = recordOfGpu(facts, gpu);
  if (!record || !isInMigMode(gpu)) return emptyPlan();
  const changes = unblockedSteps(planned).filter(
    ({ command: [name, address] }) => /_gpu_instance$/.test(name!) && address === gpu.address,
  );
  const wanted = instancesAfter(
    gpu,
    changes.map(({ command }) => command),
  );
  if (wanted === null || record.instances === wanted) return emptyPlan();
  return planBuilder(...keys).todo(
    `record the GPU instances of ${formatGpu(gpu)}`,
    record.instances ? "other ones would be restored at boot" : "they are not restored at boot yet",
    ["change_gpu_record", record.uuid, `instances=${wanted}`],
    { device: record.uuid, dependsOn: changes.map(({ id }) => id) },
  );
}

/** Returns the instances after steps, larger ones first, as they are created (B100); null: unknown. */
export function instancesAfter(gpu: Gpu, commands: readonly (readonly string[])[]): string | null {
  const { mig } = gpu;
  if (!isKnown(mig) || !mig || !isKnown(mig.instances)) return null;
  const sizes = new Map(profilesOf(gpu).map(({ id, size }) => [String(id), size]));
  const size = (name: string) => sizes.get(name.split("@")[0]!) ?? 0;
  const of = (command: string) => commands.filter(([name]) => name === command).map(([, , ...at]) => at.join("@"));
  const gone = new Set(of("destroy_gpu_instance"));
  const stay = mig.instances.map(({ profileId, start }) => `${profileId}@${start}`).filter((one) => !gone.has(one));
  return [...new Set([...stay, ...of("create_gpu_instance")])]
    .sort((a, b) => size(b) - size(a) || (a < b ? -1 : 1))
    .join(" ");
}

/** Returns whether a GPU has all the instances of its record. */
export function hasRecordedInstances(gpu: Gpu, record: GpuRecord | undefined): boolean {
  const wanted = record?.instances.split(" ").filter(Boolean) ?? [];
  if (wanted.length === 0) return true;
  const names = new Set(instancesOf(gpu).map(({ profileId, start }) => `${profileId}@${start}`));
  return wanted.every((one) => names.has(one));
}
