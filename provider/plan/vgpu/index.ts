import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import type { CardDesire } from "../desire";
import { enumerate, gpuInWords } from "../in-words";
import { followed, lookUpPinned } from "../pinned";
import { inOrder, nothing, type Note, type Plan } from "../plan";
import { assign, type Assigned, type Assignment } from "./assign";
import { recordOf } from "./identity";
import { whyKept } from "./in-use";
import { vgpuInWords } from "./in-words";
import { settle } from "./settle";
import { siblingWith } from "./siblings";
import { creationSteps, forgettingSteps, givingBackSteps, keepingSteps, removalSteps } from "./steps";
import { carriedBy, workOf, type Work } from "./work";

export { neverMade } from "./because";
export { hostdevXml } from "./hostdev";
export { findVgpu, identityOf, isLostByReboot } from "./identity";
export { leftBehind } from "./left";
export { inOneSpelling } from "./parameters";

/**
 * What is to be done so that cards carry the vGPUs that are wanted. A card is planned as a whole, whoever wants what on it:
 * what fits stays, what has to go goes first, and nothing in use is touched.
 */
export function planCards(facts: HostFacts, desires: readonly CardDesire[]): Plan {
  const { works, placed } = settle(facts, workOf(facts, desires));
  const open = works.filter(({ obstacles }) => !obstacles.length);
  const steps = [
    ...open.flatMap((work) => [...removalSteps(facts, work), ...forgettingSteps(facts, work), ...givingBackSteps(facts, work)]),
    ...placed.flatMap((one) => creationSteps(facts, one)),
    ...open.flatMap((work) => keepingSteps(facts, work)),
  ];
  const blockers = works.flatMap(({ desire, obstacles }) => obstacles.map((one) => ({ ...one, for: [desire.key] })));
  return inOrder([{ ...nothing(), steps, blockers, notes: [...works.flatMap(onFollowedCard), ...works.flatMap(leftToUsers), ...unrecorded(facts, works)] }]);
}

/**
 * Who serves what a desire wants, as things are now, and what was made for it and serves nobody. A vGPU that a plan would only
 * adopt serves nobody yet: it is somebody's.
 */
export function assignmentOf(facts: HostFacts, desire: CardDesire): Assigned {
  const gpu = lookUpPinned(desire.gpu, desire.pin, facts.gpus);
  const { assignments, surplus } = assign(facts, [{ desire, gpu: "seen" in gpu ? null : gpu }]).get(desire)!;
  const isStranger = ({ vgpu, wanted }: Assignment) => vgpu !== null && vgpu.uuid !== wanted.uuid && !recordOf(facts, vgpu);
  return {
    assignments: assignments.map((one) => (isStranger(one) ? { ...one, vgpu: null, uuid: one.wanted.uuid } : one)),
    surplus,
  };
}

function onFollowedCard({ desire, gpu }: Work): Note[] {
  const says = gpu && followed(desire.pin, gpu);
  return says ? [{ says, device: gpu.address, for: [desire.key] }] : [];
}

const leftToUsers = ({ desire, left }: Work): Note[] =>
  left.map((vgpu) => ({ says: `${whyKept(vgpu)!.seen}; it stays`, device: vgpu.uuid ?? vgpu.function, for: [desire.key] }));

/** vGPUs of nobody in this stack that no record names: they count for the room on a card, and stay. */
function unrecorded(facts: HostFacts, works: readonly Work[]): Note[] {
  if (!isKnown(facts.records)) return [];
  const known = new Set(works.flatMap(({ stays, removals, left }) => [...[...stays, ...removals].map(({ vgpu }) => vgpu), ...left]));
  const cards = [...new Set(works.flatMap(({ gpu }) => gpu ?? []))];
  return cards.flatMap((gpu) => {
    const isSibling = (vgpu: Vgpu) => works.some(({ desire }) => siblingWith(desire, vgpu));
    const others = carriedBy(facts, gpu).filter((vgpu) => !known.has(vgpu) && !recordOf(facts, vgpu) && !isSibling(vgpu));
    if (!others.length) return [];
    const [what, stays] = others.length > 1 ? ["vGPUs", "they stay"] : ["a vGPU", "it stays"];
    const says = `${gpuInWords(gpu)} carries ${what} without a record: ${enumerate(others.map(vgpuInWords))}; ${stays}`;
    return [{ says, device: gpu.address, for: works.filter((work) => work.gpu === gpu).map(({ desire }) => desire.key) }];
  });
}
