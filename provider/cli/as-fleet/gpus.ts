import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuSelector } from "../../model/gpu-selector";
import { formatGpu } from "../../plan/format";
import { findGpu } from "../../plan/gpu/find";
import { usesVirtualFunctions } from "../../plan/gpu/vf-support";
import { isReady, vfsState } from "../../plan/gpu/vfs";
import { readinessBlocker } from "../../plan/vgpu/ready";
import type { DescribedVgpus } from "./vgpus";
import { describeVgpus } from "./vgpus";

/** A card as a fleet file would declare it. */
export interface DescribedGpu extends DescribedVgpus {
  gpu: GpuSelector;
  /** What the selector does not tell: where it is, or what. */
  remark: string;
}

/** Cards that are at work, by keys that stay; of the others, why they are left out. */
export function describeGpus(facts: HostFacts): { gpus: Record<string, DescribedGpu>; leftOut: string[] } {
  const atWork = facts.gpus.filter((gpu) => skippedReason(gpu, facts) === null);
  const described = atWork.map((gpu) => ({ ...selected(gpu, facts), ...describeVgpus(gpu, facts) }));
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
function selected({ model, deviceId, address }: Gpu, { gpus }: HostFacts): Pick<DescribedGpu, "gpu" | "remark"> {
  const byModel = model && { model: model.replace(/^NVIDIA /, "") };
  if (byModel && "address" in findGpu(byModel, gpus)) return { gpu: byModel, remark: address };
  return { gpu: { address }, remark: model ?? `10de:${deviceId}` };
}
