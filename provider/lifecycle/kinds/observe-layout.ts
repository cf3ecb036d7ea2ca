import type { LayoutArguments } from "../../model/desired/vgpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { presentInstances } from "../../plan/gpu-instances/declared";
import { assignmentOf, identityOf } from "../../plan/vgpu";
import { uuidOf } from "../engine/urn";
import { asImported } from "../imported";
import type { Observation, ResourceInstance } from "../resource-kind";
import { layoutMig } from "./division";
import { instancesOf, isName, layoutGoal, numbering, slotsOf } from "./layout-slots";
import type { ExistingVgpu } from "./outputs";
import { pinnedTo } from "./pin";
import { toExistingVgpu, toOutputs, typeOf } from "./vgpu-goal";

/** A vGPU of the host that belongs to a layout, or that a read layout shows. */
export type Found = { vgpu: Vgpu; uuid: string } & (
  | { state: "declared"; key: string; declaration: Declaration }
  /** No longer declared, or under another type or place: it keeps the key that the state has for it. */
  | { state: "retired"; key: string }
  /** Without a key in the state, or not as declared: it gets the next free key of its type. */
  | { state: "unmanaged" }
);

type Declaration = Parameters<typeof toExistingVgpu>[1];

/** Returns the layout as the host has it, with vGPUs that are no longer declared and still exist. */
export function observeLayout(facts: HostFacts, declared: LayoutArguments, resource: ResourceInstance): Observation {
  const { assignments, surplus } = assignmentOf(facts, asImported(layoutGoal(declared, resource), resource));
  const keys = new Map(slotsOf(declared, resource).map(({ key, desired }) => [desired.uuid, key]));
  const assigned = assignments.flatMap(({ desired, vgpu, conflicting, uuid }): Found[] => {
    const key = keys.get(desired.uuid)!;
    const isNamed = desired.name !== undefined;
    if (vgpu) return [{ state: "declared", vgpu, uuid, key, declaration: declared.named[key] ?? desired }];
    if (!conflicting) return [];
    return isNamed
      ? [{ state: "declared", vgpu: conflicting, uuid, key, declaration: declared.named[key] ?? desired }]
      : [{ state: "unmanaged", vgpu: conflicting, uuid }];
  });
  const counts = Object.fromEntries(Object.keys(declared.vgpus).map((type) => [type, 0]));
  const found = [...assigned, ...surplus.map((vgpu) => findSurplus(facts, vgpu, resource))];
  const { gpu, outputs } = pinnedTo(
    facts,
    declared.gpu,
    resource.last,
    found.map(({ vgpu }) => vgpu),
  );
  const physical = facts.gpus.find(({ address }) => address === outputs.gpuAddress);
  const own = found.map(({ vgpu }) => vgpu);
  const gpuInstances = declared.gpuInstances && presentInstances(physical, declared.gpuInstances, own);
  const layout = toLayout(
    facts,
    { ...declared, gpu, vgpus: counts, gpuInstances },
    found,
    Object.values(instancesOf(resource)),
  );
  const mig = layoutMig(physical);
  return { ...layout, outputs: { ...outputs, mig, ...layout.outputs } };
}

/** Returns the arguments that declare exactly these vGPUs, and the outputs for them. */
export function toLayout(
  facts: HostFacts,
  { gpu, vgpus, gpuInstances, onDelete, takeOver, restoreAtBoot }: Omit<LayoutArguments, "named">,
  found: Found[],
  before: ExistingVgpu[] = [],
): Observation {
  const nextKey = numbering(new Set(found.flatMap((one) => ("key" in one ? one.key : []))));
  const counts: Record<string, number> = { ...vgpus };
  const named: Record<string, object> = {};
  const instances: Record<string, ExistingVgpu> = {};
  for (const one of found) {
    const { vgpu, uuid } = one;
    const key = one.state === "unmanaged" ? nextKey(typeOf(vgpu)) : one.key;
    const type = one.state === "declared" ? one.declaration.type : typeOf(vgpu);
    instances[key] = toOutputs(facts, vgpu, uuid, before);
    if (!isName(key)) counts[type] = (counts[type] ?? 0) + 1;
    else named[key] = one.state === "declared" ? toExistingVgpu(facts, one.declaration, vgpu) : { type, uuid };
  }
  const optional = { ...(gpuInstances && { gpuInstances }), ...(takeOver && { takeOver }) };
  return { arguments: { gpu, vgpus: counts, named, onDelete, restoreAtBoot, ...optional }, outputs: { instances } };
}

/** Returns a vGPU without a slot, with the key and the UUID that the state has for it. */
function findSurplus(facts: HostFacts, vgpu: Vgpu, resource: ResourceInstance): Found {
  const identity = identityOf(facts, vgpu);
  const isIt = (one: ExistingVgpu) => (identity === null ? one.parentAddress === vgpu.function : one.uuid === identity);
  const [key, one] = Object.entries(instancesOf(resource)).find(([, one]) => isIt(one)) ?? [];
  const uuid = identity ?? one?.uuid ?? uuidOf(vgpu.function);
  return key === undefined ? { state: "unmanaged", vgpu, uuid } : { state: "retired", vgpu, uuid, key };
}
