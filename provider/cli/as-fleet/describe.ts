import type { FleetConnection } from "../../fleet";
import { FleetVgpuType, isTypeOfAnotherGpu } from "../../fleet/schema/vgpu-type";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import type { GpuSelector } from "../../model/gpu-selector";
import { shortName, vgpuTypeName } from "../../model/vgpu-type";
import { formatGpu } from "../../plan/format";
import { findGpu } from "../../plan/gpu/find";
import { usesVirtualFunctions } from "../../plan/gpu/vf-support";
import { isReady, vfsState } from "../../plan/gpu/vfs";
import { isInUse } from "../../plan/use";
import { readinessBlocker } from "../../plan/vgpu/blockers";
import { vgpusOn } from "../../plan/vgpu/gpu-changes";
import { recordOf } from "../../plan/vgpu/vgpu";

/** A host that was looked at, and how. */
export interface InspectedHost {
  name: string;
  connection: FleetConnection;
  facts: HostFacts;
}

/** A host as a fleet file would declare it, as it is now. */
export interface DescribedHost {
  name: string;
  connection: Partial<FleetConnection>;
  driver?: { version: string };
  gpus: Record<string, DescribedGpu>;
  /** Of its cards. */
  models: string[];
  /** What the file cannot say. */
  comments: string[];
}

export function describeHost({ name, connection, facts }: InspectedHost): DescribedHost {
  const { host, ...how } = connection;
  const { flavour, loaded } = facts.driver;
  const { gpus, leftOut } = describeGpus(facts);
  return {
    name,
    connection: host === name ? how : connection,
    ...(flavour === "vgpu-manager" && loaded ? { driver: { version: loaded } } : {}),
    gpus,
    models: facts.gpus.flatMap(({ model }) => model?.replace(/^(NVIDIA|Tesla) /, "") ?? []),
    comments: leftOut.map((why) => `left out: ${why}`),
  };
}

/** A card as a fleet file would declare it. */
export interface DescribedGpu extends DescribedVgpus {
  gpu: GpuSelector;
  /** What the selector does not tell: where it is, or what. */
  comment: string;
}

/** Cards that are at work, by keys that stay; of the others, why they are left out. */
export function describeGpus(facts: HostFacts): { gpus: Record<string, DescribedGpu>; leftOut: string[] } {
  const atWork = facts.gpus.filter((gpu) => skippedReason(gpu, facts) === null);
  const described = atWork.map((gpu) => ({ ...selectorFor(gpu, facts), ...describeVgpus(gpu, facts) }));
  return {
    gpus: Object.fromEntries(described.map((card, i) => [keyOf(i), card])),
    leftOut: [...new Set(facts.gpus.flatMap((gpu) => skippedReason(gpu, facts) ?? []))],
  };
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const keyOf = (index: number): string => letters[index] ?? `card${index + 1}`;

/** To declare a card means to want it ready for vGPUs, so only one that is can be declared without changing it. */
function skippedReason(gpu: Gpu, facts: HostFacts): string | null {
  const obstacle = readinessBlocker(facts, gpu);
  if (obstacle) return obstacle.reason;
  return usesVirtualFunctions(gpu) && !isReady(gpu) ? `of ${formatGpu(gpu)}, ${vfsState(gpu).reason}` : null;
}

/** A model where that means one card, and goes on to mean it in another slot. One of several is only told by its address. */
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
  /** Whose it is. */
  comment?: string;
}

export interface DescribedVgpus {
  vgpus?: Record<string, number>;
  named?: Record<string, DescribedVgpu>;
}

/** A card without vGPUs is somebody else's to fill. What nobody claims or uses is counted; the rest is told by what it is known by. */
export function describeVgpus(gpu: Gpu, facts: HostFacts): DescribedVgpus {
  const carried = vgpusOn(facts, gpu).map((vgpu) => ({ vgpu, record: recordOf(facts, vgpu) }));
  const isPlain = ({ vgpu, record }: VgpuWithRecord) =>
    record === null && vgpu.parameters === "" && !isInUse(vgpu.users);
  const plain = carried.filter(isPlain).map(({ vgpu }) => fleetType(vgpu, gpu));
  const claimed = carried
    .filter((one) => !isPlain(one))
    .map((one, i) => [`vgpu-${i + 1}`, describeVgpu(one, gpu)] as const);
  return {
    ...(plain.length && {
      vgpus: Object.fromEntries([...new Set(plain)].map((type) => [type, plain.filter((one) => one === type).length])),
    }),
    ...(claimed.length && { named: Object.fromEntries(claimed) }),
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
    ...(record && { comment: `made by ${record.owner}` }),
  };
}

/** By its name, unless a fleet file would not take that for this card; an id it takes from the host. */
function fleetType({ type: { id, name } }: Vgpu, { model }: Gpu): string {
  if (name === null) return String(id);
  const { data } = FleetVgpuType.safeParse(shortName(name));
  return data && !isTypeOfAnotherGpu(vgpuTypeName(data), model ?? "") ? shortName(name) : String(id);
}
