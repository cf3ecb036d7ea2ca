import type { LayoutArguments } from "../../model/desired/vgpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { assignmentOf, identityOf } from "../../plan/vgpu";
import { uuidOf } from "../engine/urn";
import type { Observation, ResourceInstance } from "../resource-kind";
import { instancesOf, isName, layoutGoal, numbering, slotsOf } from "./layout-slots";
import type { ExistingVgpu } from "./outputs";
import { pinnedTo } from "./pin";
import { existing, toExistingVgpu, typeOf } from "./vgpu-goal";

interface Found {
  vgpu: Vgpu;
  uuid: string;
  /** Its place; left out: any free one of its type. */
  key?: string;
  /** What it was declared as, in the words of the user; left out: it is not as declared. */
  as?: { type: VgpuTypeName };
}

/** The layout's vGPUs as the host has them, with those that have no place in it any more and are still there. */
export function observeLayout(facts: HostFacts, declared: LayoutArguments, resource: ResourceInstance): Observation {
  const { assignments, surplus } = assignmentOf(facts, layoutGoal(declared, resource));
  const keys = new Map(slotsOf(declared, resource).map(({ key, wanted }) => [wanted.uuid, key]));
  const assigned = assignments.flatMap(({ wanted, vgpu, conflicting, uuid }): Found[] => {
    const there = vgpu ?? conflicting;
    const key = keys.get(wanted.uuid)!;
    if (!there) return [];
    return wanted.name === undefined && !vgpu
      ? [{ vgpu: there, uuid }]
      : [{ vgpu: there, uuid, key, as: declared.named[key] ?? wanted }];
  });
  const counts = Object.fromEntries(Object.keys(declared.vgpus).map((type) => [type, 0]));
  const found = [...assigned, ...surplus.map((vgpu) => remembered(facts, vgpu, resource))];
  const { gpu, outputs } = pinnedTo(
    facts,
    declared.gpu,
    resource.last,
    found.map(({ vgpu }) => vgpu),
  );
  const sight = toLayout(facts, { ...declared, gpu, vgpus: counts }, found, Object.values(instancesOf(resource)));
  return { ...sight, outputs: { ...outputs, ...sight.outputs } };
}

/** As it would have to be declared. */
export function toLayout(
  facts: HostFacts,
  { gpu, vgpus, onDelete, takeOver }: Omit<LayoutArguments, "named">,
  found: Found[],
  before: ExistingVgpu[] = [],
): Observation {
  const taken = new Set(found.flatMap(({ key }) => key ?? []));
  const keyFor = numbering(taken);
  const counts: Record<string, number> = { ...vgpus };
  const named: Record<string, object> = {};
  const instances: Record<string, ExistingVgpu> = {};
  for (const { vgpu, uuid, as, key = keyFor(typeOf(vgpu)) } of found) {
    instances[key] = existing(facts, vgpu, uuid, before);
    const type = as?.type ?? typeOf(vgpu);
    if (isName(key)) named[key] = as ? toExistingVgpu(facts, as, vgpu) : { type, uuid };
    else counts[type] = (counts[type] ?? 0) + 1;
  }
  return { arguments: { gpu, vgpus: counts, named, onDelete, ...(takeOver && { takeOver }) }, outputs: { instances } };
}

/** By which place and UUID the state has it. */
function remembered(facts: HostFacts, vgpu: Vgpu, resource: ResourceInstance): Found {
  const identity = identityOf(facts, vgpu);
  const isIt = (one: ExistingVgpu) => (identity === null ? one.parentAddress === vgpu.function : one.uuid === identity);
  const [key, one] = Object.entries(instancesOf(resource)).find(([, one]) => isIt(one)) ?? [];
  return { vgpu, key, uuid: identity ?? one?.uuid ?? uuidOf(vgpu.function) };
}
