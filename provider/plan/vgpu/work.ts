import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { CardDesire, WantedVgpu } from "../desire";
import type { Obstacle } from "../obstacle";
import { lookUpPinned } from "../pinned";
import { assign, type Assigned, type Assignment } from "./assign";
import { mismatch, whyAbsent } from "./because";
import { recordOf } from "./identity";
import { isInUse, whyKept, whyParametersKept } from "./in-use";
import { whyNotOurs, whyRecordsUnread, whyWantedTwice } from "./ours";
import { offeredType, type OfferedType } from "./offered";
import { inOneSpelling } from "./parameters";
import { whyNotReady } from "./ready";

export interface Creation {
  wanted: WantedVgpu;
  type: OfferedType;
  because: string;
  /** What is freed for it, under the same UUID. */
  replaces: Vgpu | null;
}

export interface Removal {
  vgpu: Vgpu;
  because: string;
}

/** What one desire asks of its card, before it is seen whether there is room. */
export interface Work {
  desire: CardDesire;
  gpu: Gpu | null;
  stays: Assignment[];
  creations: Creation[];
  removals: Removal[];
  /** Unwanted, and left to those who use them. */
  left: Vgpu[];
  /** Unwanted, and made by somebody else: only the record goes. */
  givenBack: Vgpu[];
  obstacles: Obstacle[];
}

export function workOf(facts: HostFacts, desires: readonly CardDesire[]): Work[] {
  const found = desires.map((desire) => ({ desire, gpu: lookUpPinned(desire.gpu, desire.pin, facts.gpus) }));
  const onCards = found.map(({ desire, gpu }) => ({ desire, gpu: "seen" in gpu ? null : gpu }));
  const assigned = assign(facts, onCards);
  return onCards.map(({ desire, gpu }, i) => {
    const missing = found[i]!.gpu;
    const unresolved = "seen" in missing && desire.wanted.length ? [{ seen: missing.seen, next: missing.next }] : [];
    return work(facts, desire, gpu, assigned.get(desire)!, [...unresolved, ...whyWantedTwice(desire, desires.slice(0, i))]);
  });
}

function work(
  facts: HostFacts,
  desire: CardDesire,
  gpu: Gpu | null,
  { assignments, surplus }: Assigned,
  unresolved: Obstacle[],
): Work {
  const absent = assignments.filter(({ vgpu }) => vgpu === null);
  const stays = assignments.filter(({ vgpu }) => vgpu !== null);
  const replaced = absent.flatMap(({ instead, wanted }) =>
    instead ? [{ vgpu: instead, because: mismatch(instead, gpu, wanted) }] : [],
  );
  const isAdopted = (vgpu: Vgpu) => recordOf(facts, vgpu)?.adopted === true;
  const made = surplus.filter((vgpu) => !isAdopted(vgpu));
  const leaving = desire.usedStay ? made.filter((vgpu) => !isInUse(vgpu)) : made;
  const removals = [...replaced, ...leaving.map((vgpu) => ({ vgpu, because: "it is not wanted any more" }))];
  const notReady = gpu && absent.length ? whyNotReady(facts, gpu) : null;
  const types = gpu && !notReady ? absent.map(({ wanted }) => offeredType(gpu, carriedBy(facts, gpu), wanted.type)) : [];
  const creations = absent.flatMap((one, i): Creation[] => {
    const type = types[i];
    return type && "name" in type
      ? [{ wanted: one.wanted, type, because: whyAbsent(facts, gpu, one), replaces: one.instead }]
      : [];
  });
  const obstacles = [
    ...unresolved,
    ...whyRecordsUnread(facts),
    ...assignments.flatMap((one) => whyNotOurs(facts, desire, one) ?? []),
    ...(notReady ? [notReady] : []),
    ...unique(types.flatMap((type) => ("seen" in type ? [type] : []))),
    ...removals.flatMap(({ vgpu }) => whyKept(vgpu) ?? []),
    ...stays.filter(differsInParameters).flatMap(({ vgpu }) => whyParametersKept(vgpu!) ?? []),
  ];
  const left = made.filter((vgpu) => !leaving.includes(vgpu));
  return { desire, gpu, stays, creations, removals, left, givenBack: surplus.filter(isAdopted), obstacles };
}

export const carriedBy = ({ vgpus }: HostFacts, gpu: Gpu): Vgpu[] => vgpus.filter((vgpu) => vgpu.gpu === gpu.address);

export const differsInParameters = ({ vgpu, wanted }: Assignment): boolean =>
  vgpu !== null && inOneSpelling(vgpu.parameters) !== inOneSpelling(wanted.parameters);

const unique = (obstacles: Obstacle[]): Obstacle[] =>
  obstacles.filter(({ seen }, i) => obstacles.findIndex((other) => other.seen === seen) === i);
