import type { Slot } from "../lifecycle/kinds/layout-slots";
import { slotsOf } from "../lifecycle/kinds/layout-slots";
import type { ExistingVgpu } from "../lifecycle/kinds/outputs";
import type { ResourceInstance } from "../lifecycle/resource-kind";
import type { State } from "../lifecycle/state";
import type { LayoutArguments } from "../model/desired/vgpu";
import type { HostFacts } from "../model/facts/host-facts";
import { isKnown } from "../model/unknown";
import { findGpu } from "../plan/gpu/find";

type RecordedVgpu = Pick<ExistingVgpu, "uuid" | "parentAddress" | "typeId">;

/**
 * Reconstructs the state of a layout from the records on the host: a preview without Pulumi has no state. A layout manages all of
 * its GPU, so all vGPUs of its owner there belong to it.
 */
export function stateFromRecords(
  facts: HostFacts,
  declared: LayoutArguments,
  { claim, urn }: Pick<ResourceInstance, "claim" | "urn">,
): State {
  const gpu = findGpu(declared.gpu, facts.gpus);
  if ("reason" in gpu || !isKnown(facts.records)) return {};
  const ours = facts.records.filter(
    (record) => record.owner === claim.owner && gpu.functions.some(({ address }) => address === record.function),
  );
  const slots = slotsOf(declared, { urn, claim, last: {} });
  const all = ours.map((record, i): [string, RecordedVgpu] => [
    slotOf(slots, record.uuid) ?? slotOf(slots, record.servesAs) ?? `made before#${i}`,
    { uuid: record.uuid, parentAddress: record.function, typeId: record.typeId },
  ]);
  return { instances: Object.fromEntries(all) };
}

const slotOf = (slots: readonly Slot[], uuid: string | undefined): string | undefined =>
  slots.find(({ desired }) => desired.uuid === uuid)?.key;
