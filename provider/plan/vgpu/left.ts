import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { CardDesire, UnwantedVgpu } from "../desire";
import { findVgpu, recordOf } from "./identity";
import { whyKept } from "./in-use";
import { vgpuInWords } from "./in-words";
import { isOfAnotherLife } from "./record";
import { isOwn } from "./whose";

/** What a resource that is gone had, and what is still there; and why. */
export function leftBehind(facts: HostFacts, desire: CardDesire): { says: string; device: string }[] {
  return desire.unwanted.flatMap((one) => {
    const vgpu = find(facts, one);
    return vgpu ? [{ says: `${vgpuInWords(vgpu)} stays: ${whyLeft(facts, desire, vgpu)}`, device: vgpu.uuid ?? vgpu.function }] : [];
  });
}

const find = (facts: HostFacts, { uuid, function: at, typeId }: UnwantedVgpu): Vgpu | null =>
  findVgpu(facts, uuid) ??
  facts.vgpus.find((vgpu) => vgpu.uuid === null && vgpu.function === at && vgpu.type.id === typeId) ??
  null;

function whyLeft(facts: HostFacts, desire: CardDesire, vgpu: Vgpu): string {
  const record = recordOf(facts, vgpu);
  if (!record) return "this stack did not make it";
  if (!isOwn(desire, record)) return `it belongs to ${record.owner} now`;
  if (isOfAnotherLife(desire.claim, record)) return `it belongs to ${record.resource ?? "another resource"} now`;
  return whyKept(vgpu)?.seen ?? "it was not removed";
}
