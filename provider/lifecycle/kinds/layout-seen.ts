import type { LayoutArguments } from "../../model/desired/vgpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { assignmentOf, identityOf } from "../../plan/vgpu";
import type { Sight, Subject } from "../resource-kind";
import { uuidOf } from "../uuid";
import { asFound, existing, typeOf } from "./card";
import { allOf, isName, layoutDesire, numbering, slotsOf } from "./layout-slots";
import type { ExistingVgpu } from "./outputs";
import { pinnedTo } from "./pin";

interface Found {
  vgpu: Vgpu;
  uuid: string;
  /** Its place; left out: any free one of its type. */
  key?: string;
  /** What it was declared as, in the words of the user; left out: it is not as declared. */
  as?: { type: VgpuTypeName };
}

/** The layout's vGPUs as the host has them, with those that have no place in it any more and are still there. */
export function lookAt(facts: HostFacts, declared: LayoutArguments, subject: Subject): Sight {
  const { assignments, surplus } = assignmentOf(facts, layoutDesire(declared, subject));
  const keys = new Map(slotsOf(declared, subject).map(({ key, wanted }) => [wanted.uuid, key]));
  const assigned = assignments.flatMap(({ wanted, vgpu, instead, uuid }): Found[] => {
    const there = vgpu ?? instead;
    const key = keys.get(wanted.uuid)!;
    if (!there) return [];
    return wanted.name === undefined && !vgpu ? [{ vgpu: there, uuid }] : [{ vgpu: there, uuid, key, as: declared.named[key] ?? wanted }];
  });
  const counts = Object.fromEntries(Object.keys(declared.vgpus).map((type) => [type, 0]));
  const found = [...assigned, ...surplus.map((vgpu) => remembered(facts, vgpu, subject))];
  const { gpu, outputs } = pinnedTo(facts, declared.gpu, subject.last, found.map(({ vgpu }) => vgpu));
  const sight = asLayout(facts, { ...declared, gpu, vgpus: counts }, found, Object.values(allOf(subject)));
  return { ...sight, outputs: { ...outputs, ...sight.outputs } };
}

/** As it would have to be declared. */
export function asLayout(
  facts: HostFacts, { gpu, vgpus, onDelete, takeOver }: Omit<LayoutArguments, "named">, found: Found[], before: ExistingVgpu[] = [],
): Sight {
  const taken = new Set(found.flatMap(({ key }) => key ?? []));
  const keyFor = numbering(taken);
  const counts: Record<string, number> = { ...vgpus };
  const named: Record<string, object> = {};
  const all: Record<string, ExistingVgpu> = {};
  for (const { vgpu, uuid, as, key = keyFor(typeOf(vgpu)) } of found) {
    all[key] = existing(facts, vgpu, uuid, before);
    const type = as?.type ?? typeOf(vgpu);
    if (isName(key)) named[key] = as ? asFound(facts, as, vgpu) : { type, uuid };
    else counts[type] = (counts[type] ?? 0) + 1;
  }
  return { arguments: { gpu, vgpus: counts, named, onDelete, ...(takeOver && { takeOver }) }, outputs: { all } };
}

/** By which place and UUID the state has it. */
function remembered(facts: HostFacts, vgpu: Vgpu, subject: Subject): Found {
  const identity = identityOf(facts, vgpu);
  const isIt = (one: ExistingVgpu) => (identity === null ? one.parentAddress === vgpu.function : one.uuid === identity);
  const [key, one] = Object.entries(allOf(subject)).find(([, one]) => isIt(one)) ?? [];
  return { vgpu, key, uuid: identity ?? one?.uuid ?? uuidOf(vgpu.function) };
}
