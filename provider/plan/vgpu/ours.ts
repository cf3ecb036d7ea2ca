import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import type { CardDesire } from "../desire";
import type { Obstacle } from "../obstacle";
import type { Assignment } from "./assign";
import { findVgpu, recordOf, recordsOf } from "./identity";
import { vgpuInWords } from "./in-words";
import { isOwn, unrecorded, whose } from "./whose";

/** Two programs that want one UUID would take it from each other for ever; and what was not made from here is not replaced. */
export function whyNotOurs(facts: HostFacts, desire: CardDesire, { wanted: { uuid }, instead }: Assignment): Obstacle | null {
  const record = recordsOf(facts).find((one) => one.uuid === uuid) ?? (instead && recordOf(facts, instead));
  // The record of a vGPU that is gone keeps nobody from its UUID, least of all a stack whose state lost its owner with it.
  const isThere = instead !== null || findVgpu(facts, uuid) !== null;
  if (record && isThere && !isOwn(desire, record) && !desire.takeOver?.includes(record.owner))
    return {
      device: uuid,
      seen: `${uuid} was made by ${record.owner}`,
      next: `To take it over from that stack, give the resource takeOver: ["${record.owner}"]`,
    };
  const is = instead && whose(facts, desire, instead);
  if (!instead || (is !== "nobodys" && is !== "adopted")) return null;
  return {
    device: uuid,
    seen: `${vgpuInWords(instead)} was made by somebody else`,
    next: `Declare it as it is: then it is adopted. Or give the resource takeOver: ["${unrecorded}"]: then it is replaced`,
  };
}

/** Without them nothing is known to be ours. */
export function whyRecordsUnread({ records }: HostFacts): Obstacle[] {
  return isKnown(records)
    ? []
    : [{ seen: `what earlier runs wrote down could not be read: ${records.unknown}`, next: "Log in as root, or with sudo" }];
}

export function whyWantedTwice(desire: CardDesire, others: readonly CardDesire[]): Obstacle[] {
  const uuids = new Set(others.flatMap(({ wanted }) => wanted.map(({ uuid }) => uuid)));
  const twice = desire.wanted.filter(({ uuid }) => uuids.has(uuid));
  return twice.map(({ uuid }) => ({ device: uuid, seen: `${uuid} is wanted twice`, next: "Give each vGPU a UUID of its own" }));
}
