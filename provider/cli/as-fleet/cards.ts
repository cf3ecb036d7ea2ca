import type { GpuSelector } from "../../model/gpu-selector";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { gpuInWords } from "../../plan/in-words";
import { takesVfs } from "../../plan/sriov/carrier";
import { lookUp } from "../../plan/look-up";
import { isReady, vfsState } from "../../plan/sriov/vfs";
import { whyNotReady } from "../../plan/vgpu/ready";
import { vgpusOn, type DescribedVgpus } from "./vgpus";

/** A card as a fleet file would declare it. */
export interface DescribedCard extends DescribedVgpus {
  match: GpuSelector;
  /** What the selector does not tell: where it is, or what. */
  remark: string;
}

/** Cards that are at work, by keys that stay; of the others, why they are left out. */
export function cardsOf(facts: HostFacts): { gpus: Record<string, DescribedCard>; leftOut: string[] } {
  const atWork = facts.gpus.filter((gpu) => whyLeftOut(gpu, facts) === null);
  const described = atWork.map((gpu) => ({ ...selected(gpu, facts), ...vgpusOn(gpu, facts) }));
  return {
    gpus: Object.fromEntries(described.map((card, i) => [keyOf(i), card])),
    leftOut: [...new Set(facts.gpus.flatMap((gpu) => whyLeftOut(gpu, facts) ?? []))],
  };
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const keyOf = (index: number): string => letters[index] ?? `card${index + 1}`;

/** To declare a card means to want it ready for vGPUs, so only one that is can be declared without changing it. */
function whyLeftOut(gpu: Gpu, facts: HostFacts): string | null {
  const obstacle = whyNotReady(facts, gpu);
  if (obstacle) return obstacle.seen;
  return takesVfs(gpu) && !isReady(gpu) ? `of ${gpuInWords(gpu)}, ${vfsState(gpu).seen}` : null;
}

/** A model where that means one card, and goes on to mean it in another slot. One of several is only told by its address. */
function selected({ model, deviceId, address }: Gpu, { gpus }: HostFacts): Pick<DescribedCard, "match" | "remark"> {
  const byModel = model && { model: model.replace(/^NVIDIA /, "") };
  if (byModel && "address" in lookUp(byModel, gpus)) return { match: byModel, remark: address };
  return { match: { address }, remark: model ?? `10de:${deviceId}` };
}
