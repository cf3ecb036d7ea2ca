import type { FleetConnection } from "../../fleet";
import { FleetVgpuType, isTypeOfAnotherGpu } from "../../fleet/schema/vgpu-type";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import type { GpuSelector } from "../../model/gpu-selector";
import { shortName, vgpuTypeName } from "../../model/vgpu-type";
import { formatGpu } from "../../plan/format";
import { findGpu } from "../../plan/gpu/find";
import { isInMigMode } from "../../plan/gpu/readiness";
import { usesVirtualFunctions } from "../../plan/gpu/vf-support";
import { isReady, vfsState } from "../../plan/gpu/vfs";
import { presentInstances } from "../../plan/gpu-instances/declared";
import { instancesOf, profileNames } from "../../plan/gpu-instances/mig-of";
import { isInUse } from "../../plan/use";
import { readinessBlocker } from "../../plan/vgpu/blockers";
import { vgpusOn } from "../../plan/vgpu/gpu-changes";
import { recordOf } from "../../plan/vgpu/vgpu";

/** A probed host, with its connection. */
export interface InspectedHost {
  name: string;
  connection: FleetConnection;
  facts: HostFacts;
}

/** The current state of a host, as a fleet file declares it. */
export interface DescribedHost {
  name: string;
  connection: Partial<FleetConnection>;
  driver?: { version: string };
  /** false: nothing of this package restores it at boot now. */
  restoreAtBoot?: false;
  gpus: Record<string, DescribedGpu>;
  /** Models of its GPUs. */
  models: string[];
  /** What the file cannot express. */
  comments: string[];
}

export function describeHost({ name, connection, facts }: InspectedHost): DescribedHost {
  const { host, ...how } = connection;
  const { flavour, loaded } = facts.driver;
  const { gpus, skipped } = describeGpus(facts);
  return {
    name,
    connection: host === name ? how : connection,
    ...(flavour === "vgpu-manager" && loaded ? { driver: { version: loaded } } : {}),
    ...(facts.restore.digest === null && { restoreAtBoot: false as const }),
    gpus,
    models: facts.gpus.flatMap(({ model }) => model?.replace(/^(NVIDIA|Tesla) /, "") ?? []),
    comments: skipped.map((reason) => `skipped: ${reason}`),
  };
}

/** A GPU as a fleet file declares it. */
export interface DescribedGpu extends DescribedVgpus {
  gpu: GpuSelector;
  /** Absent where the types or GPU instances show it. */
  mig?: true;
  /** GPU instances that no vGPU is on, by profile. */
  gpuInstances?: Record<string, number>;
  /** The address or the model, whichever the selector does not contain. */
  comment: string;
}

/** Returns the GPUs that are ready for vGPUs, by key, and why the others are skipped. */
function describeGpus(facts: HostFacts): { gpus: Record<string, DescribedGpu>; skipped: string[] } {
  const readyGpus = facts.gpus.filter((gpu) => skippedReason(gpu, facts) === null);
  const described = readyGpus.map((gpu) => ({
    ...selectorFor(gpu, facts),
    ...describeDivision(gpu, facts),
    ...describeVgpus(gpu, facts),
  }));
  return {
    gpus: Object.fromEntries(described.map((gpu, i) => [keyOf(i), gpu])),
    skipped: [...new Set(facts.gpus.flatMap((gpu) => skippedReason(gpu, facts) ?? []))],
  };
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const keyOf = (index: number): string => letters[index] ?? `gpu${index + 1}`;

/** A declared GPU is made ready for vGPUs. So only a GPU that is ready can be declared without a change. */
function skippedReason(gpu: Gpu, facts: HostFacts): string | null {
  const blocker = readinessBlocker(facts, gpu);
  if (blocker) return blocker.reason;
  return usesVirtualFunctions(gpu) && !isReady(gpu) ? `${formatGpu(gpu)}: ${vfsState(gpu).reason}` : null;
}

/** Selects a GPU by its model if there is one of it, so that it may move to another slot. Otherwise by its address. */
function selectorFor({ model, deviceId, address }: Gpu, { gpus }: HostFacts): Pick<DescribedGpu, "gpu" | "comment"> {
  const byModel = model && { model: model.replace(/^NVIDIA /, "") };
  if (byModel && "address" in findGpu(byModel, gpus)) return { gpu: byModel, comment: address };
  return { gpu: { address }, comment: model ?? `10de:${deviceId}` };
}

interface DescribedVgpu {
  type: string;
  uuid?: string;
  virtualFunction?: number;
  parameters?: string;
  /** Its owner. */
  comment?: string;
}

interface DescribedVgpus {
  vgpus?: Record<string, number>;
  named?: Record<string, DescribedVgpu>;
}

/** Counts vGPUs without record, parameters and users by type. The others become named vGPUs. */
function describeVgpus(gpu: Gpu, facts: HostFacts): DescribedVgpus {
  const existing = vgpusOn(facts, gpu).map((vgpu) => ({ vgpu, record: recordOf(facts, vgpu) }));
  const isPlain = ({ vgpu, record }: VgpuWithRecord) =>
    record === null && vgpu.parameters === "" && !isInUse(vgpu.users);
  const plain = existing.filter(isPlain).map(({ vgpu }) => fleetType(vgpu, gpu));
  const claimed = existing
    .filter((one) => !isPlain(one))
    .map((one, i) => [`vgpu-${i + 1}`, describeVgpu(one, gpu)] as const);
  return {
    ...(plain.length && {
      vgpus: Object.fromEntries([...new Set(plain)].map((type) => [type, plain.filter((one) => one === type).length])),
    }),
    ...(claimed.length && { named: Object.fromEntries(claimed) }),
  };
}

/** Returns MIG mode and the GPU instances without vGPUs. */
function describeDivision(gpu: Gpu, facts: HostFacts): Pick<DescribedGpu, "mig" | "gpuInstances"> {
  if (!isInMigMode(gpu)) return {};
  const vgpus = vgpusOn(facts, gpu);
  const all = Object.fromEntries(instancesOf(gpu).map(({ profileId }) => [profileId, instancesOf(gpu).length]));
  const free = Object.entries(presentInstances(gpu, all, vgpus)).filter(([, count]) => count > 0);
  const nameOf = profileNames(gpu);
  return {
    ...(!vgpus.length && !free.length && { mig: true }),
    ...(free.length && { gpuInstances: Object.fromEntries(free.map(([id, count]) => [nameOf(Number(id)), count])) }),
  };
}

interface VgpuWithRecord {
  vgpu: Vgpu;
  record: VgpuRecord | null;
}

function describeVgpu({ vgpu, record }: VgpuWithRecord, gpu: Gpu): DescribedVgpu {
  const uuid = vgpu.uuid ?? record?.uuid;
  const { index } = gpu.functions.find(({ address }) => address === vgpu.function) ?? {};
  return {
    type: fleetType(vgpu, gpu),
    ...(uuid && { uuid }),
    ...(typeof index === "number" && { virtualFunction: index }),
    ...(vgpu.parameters && { parameters: vgpu.parameters }),
    ...(record && { comment: `created by ${record.owner}` }),
  };
}

/** Returns the name of a type, or its id if a fleet file does not accept the name for this GPU. */
function fleetType({ type: { id, name } }: Vgpu, { model }: Gpu): string {
  if (name === null) return String(id);
  const { data } = FleetVgpuType.safeParse(shortName(name));
  return data && !isTypeOfAnotherGpu(vgpuTypeName(data), model ?? "") ? shortName(name) : String(id);
}
