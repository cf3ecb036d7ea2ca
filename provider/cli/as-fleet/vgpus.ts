import { FleetVgpuType, isOfAnotherCard } from "../../fleet/schema/vgpu-type";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import { shortName, vgpuTypeName } from "../../model/vgpu-type";
import { isInUse } from "../../plan/vgpu/blockers";
import { vgpusOn } from "../../plan/vgpu/gpu-changes";
import { recordOf } from "../../plan/vgpu/vgpu";

interface DescribedVgpu {
  type: string;
  uuid?: string;
  virtualFunction?: number;
  parameters?: string;
  /** Whose it is. */
  remark?: string;
}

export interface DescribedVgpus {
  vgpus?: Record<string, number>;
  named?: Record<string, DescribedVgpu>;
}

/** A card without vGPUs is somebody else's to fill. What nobody claims or uses is counted; the rest is told by what it is known by. */
export function describeVgpus(gpu: Gpu, facts: HostFacts): DescribedVgpus {
  const carried = vgpusOn(facts, gpu).map((vgpu) => ({ vgpu, record: recordOf(facts, vgpu) }));
  const isPlain = ({ vgpu, record }: Carried) => record === null && vgpu.parameters === "" && !isInUse(vgpu);
  const plain = carried.filter(isPlain).map(({ vgpu }) => typeOf(vgpu, gpu));
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

interface Carried {
  vgpu: Vgpu;
  record: VgpuRecord | null;
}

function describeVgpu({ vgpu, record }: Carried, gpu: Gpu): DescribedVgpu {
  const uuid = vgpu.uuid ?? record?.uuid;
  const { index } = gpu.functions.find(({ address }) => address === vgpu.function) ?? {};
  return {
    type: typeOf(vgpu, gpu),
    ...(uuid && { uuid }),
    ...(typeof index === "number" && { virtualFunction: index }),
    ...(vgpu.parameters && { parameters: vgpu.parameters }),
    ...(record && { remark: `made by ${record.owner}` }),
  };
}

/** By its name, unless a fleet file would not take that for this card; an id it takes from the host. */
function typeOf({ type: { id, name } }: Vgpu, { model }: Gpu): string {
  if (name === null) return String(id);
  const { data } = FleetVgpuType.safeParse(shortName(name));
  return data && !isOfAnotherCard(vgpuTypeName(data), model ?? "") ? shortName(name) : String(id);
}
