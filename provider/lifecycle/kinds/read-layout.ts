import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { GpuSelector } from "../../model/gpu-selector";
import { resolveGpu } from "../../model/gpu-selector";
import { identityOf } from "../../plan/vgpu";
import { uuidOf } from "../engine/urn";
import type { Observation } from "../resource-kind";
import { layoutMig } from "./division";
import type { Found } from "./observe-layout";
import { toLayout } from "./observe-layout";
import { typeOf } from "./vgpu-goal";

/** Returns all vGPUs of a GPU as a layout. undefined: it has none. */
export function readLayout(
  facts: HostFacts,
  gpu: GpuSelector | undefined,
  toFound: (facts: HostFacts, vgpu: Vgpu) => Found,
): Observation | undefined {
  if (gpu === undefined) return undefined;
  const selected = resolveGpu(gpu, facts.gpus);
  const found = facts.vgpus.filter((vgpu) => vgpu.gpu === selected.address).map((vgpu) => toFound(facts, vgpu));
  if (found.length === 0) return undefined;
  const given = { gpu, vgpus: {}, onDelete: "remove" as const, restoreAtBoot: true };
  const observation = toLayout(facts, given, found);
  const pinned = { gpuAddress: selected.address, gpuUuid: selected.uuid ?? undefined, mig: layoutMig(selected) };
  return { ...observation, outputs: { ...pinned, ...observation.outputs } };
}

export const withoutDeclaration = (facts: HostFacts, vgpu: Vgpu): Found => ({
  state: "unmanaged",
  vgpu,
  uuid: identityOf(facts, vgpu) ?? uuidOf(vgpu.function),
});

/** Declares a vGPU with parameters by a name, because a count has none. */
export function withDeclaration(facts: HostFacts, vgpu: Vgpu): Found {
  const found = withoutDeclaration(facts, vgpu);
  const { function: at, parameters } = vgpu;
  if (!parameters) return found;
  const { uuid } = found;
  // In the vendor framework a vGPU without a record has no identity but its place.
  const place = vgpu.uuid === null && { virtualFunction: at };
  const declaration = { type: typeOf(vgpu), uuid, parameters, ...place };
  return { state: "declared", key: `vgpu-${uuid.slice(0, 8)}`, vgpu, uuid, declaration };
}
