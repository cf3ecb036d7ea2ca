import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { CardDesire, UnwantedVgpu } from "../desire";
import { findVgpu, isLostByReboot, recordOf, recordsOf } from "./identity";
import { whyKept } from "./in-use";
import { vgpuInWords } from "./in-words";
import { isOfAnotherLife, isOfThisLife } from "./record";
import { isOwn } from "./whose";

type Had = Pick<UnwantedVgpu, "uuid" | "function" | "typeId">;

/**
 * What a resource that is gone had, and what is still there; and why. `before`: with the records that the removal took away. They name also
 * what the state does not know any more: a refresh drops a vGPU that a reboot removed.
 */
export function leftBehind(before: HostFacts, facts: HostFacts, desire: CardDesire): { says: string; device: string }[] {
  const recorded = recordsOf(before).filter((record) => isOfThisLife(desire.claim, record));
  const had: Had[] = [...desire.unwanted, ...recorded.filter(({ uuid }) => desire.unwanted.every((one) => one.uuid !== uuid))];
  return had.flatMap((one) => {
    const vgpu = find(facts, one);
    const why = vgpu && (whyNotThatOne(before, desire, one, vgpu) ?? whyLeft(facts, desire, vgpu));
    return vgpu ? [{ says: `${vgpuInWords(vgpu)} stays: ${why}`, device: vgpu.uuid ?? vgpu.function }] : [];
  });
}

const find = (facts: HostFacts, { uuid, function: at, typeId }: Had): Vgpu | null =>
  findVgpu(facts, uuid) ??
  facts.vgpus.find((vgpu) => vgpu.uuid === null && vgpu.function === at && vgpu.type.id === typeId) ??
  null;

/** In the vendor framework another vGPU may be where the resource had one (B77). */
function whyNotThatOne(before: HostFacts, { claim }: CardDesire, { uuid }: Had, vgpu: Vgpu): string | null {
  if (recordOf(before, vgpu) || !isLostByReboot(before, uuid, claim)) return null;
  return `a reboot removed the vGPU ${uuid} that was there, and this stack did not create this one`;
}

function whyLeft(facts: HostFacts, desire: CardDesire, vgpu: Vgpu): string {
  const record = recordOf(facts, vgpu);
  if (!record) return "this stack did not make it";
  if (!isOwn(desire, record)) return `it belongs to ${record.owner} now`;
  if (isOfAnotherLife(desire.claim, record)) return `it belongs to ${record.resource ?? "another resource"} now`;
  return whyKept(vgpu)?.seen ?? "it was not removed";
}
