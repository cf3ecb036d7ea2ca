import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { SriovArguments } from "../../model/desired/sriov";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { GpuSelector } from "../../model/gpu-selector";
import { pciAddress } from "../../model/pci-address";
import { isKnown } from "../../model/unknown";
import type { SriovGoal } from "../../plan";
import { selectGpus } from "../../plan/gpu/find";
import { planSriov } from "../../plan/sriov";
import type { ResourceInstance, ResourceKind } from "../resource-kind";
import { EnabledGpu as EnabledGpuSchema } from "./output-schemas";
import type { EnabledGpu } from "./outputs";
import { pinsAfter, pinsKey, pinsOf } from "./pins";
import { restorerOf } from "./restorer";

export const sriov: ResourceKind<SriovArguments> = {
  name: "SriovEnablement",
  schema: SriovArguments,
  outputs: z.object({ enabledGpus: z.array(EnabledGpuSchema).describe("The GPUs with enabled virtual functions.") }),

  id: (_, name, host) => `${host}/${name}`,

  goal: ({ gpus, restoreAtBoot }, resource) => ({
    ...goal("enabled", gpus, resource),
    restorer: restorerOf({ restoreAtBoot }),
  }),

  // Only GPUs that this resource enabled, by UUID: none that was enabled since, and none that is now at the same address.
  goalOnDelete({ onDelete }, resource, isNeeded) {
    const enabled = ((resource.last.enabledGpus ?? []) as EnabledGpu[]).filter(
      ({ address }) => !isNeeded(vfsOf(address)),
    );
    if (onDelete === "keep" || enabled.length === 0) return undefined;
    const pins = enabled.map(({ uuid, address }) => ({
      uuid,
      address: pciAddress(address),
      selector: GpuSelector.parse(uuid ? { uuid } : address),
    }));
    return goal(
      "disabled",
      pins.map(({ selector }) => selector),
      resource,
      pins,
    );
  },

  devices: ({ enabledGpus = [] }) => (enabledGpus as EnabledGpu[]).map(({ address }) => vfsOf(address)),

  observe(facts, { gpus, onDelete, restoreAtBoot }, resource) {
    const { last } = resource;
    const chosen = selectGpus(facts, { gpus, pins: pinsOf(last) }).gpus;
    const before = last.enabledGpus as EnabledGpu[] | undefined;
    return {
      arguments: { gpus: inSyncGpus(gpus, facts, resource), onDelete, restoreAtBoot },
      outputs: {
        ...outputs(chosen, before),
        [pinsKey]: gpus === "all" ? [] : pinsAfter(gpus, pinsOf(last), facts, hasFunctions),
      },
    };
  },

  lookup({ gpus }) {
    const on = gpus.filter(hasFunctions).map(({ address }) => ({ address }));
    return on.length > 0
      ? { arguments: { gpus: on, onDelete: "keep", restoreAtBoot: true }, outputs: outputs(gpus) }
      : undefined;
  },
};

const vfsOf = (address: string) => `virtual functions of ${address}`;

const goal = (
  state: SriovGoal["state"],
  gpus: SriovArguments["gpus"],
  { urn, claim, last, siblings }: ResourceInstance,
  pins = pinsOf(last),
): SriovGoal => ({ kind: "sriov", key: urn, claim, state, gpus, pins, siblings: siblings?.() });

/** Returns the GPUs that would be in sync if they were declared. */
function inSyncGpus(
  gpus: SriovArguments["gpus"],
  facts: HostFacts,
  resource: ResourceInstance,
): SriovArguments["gpus"] {
  if (gpus !== "all") return gpus.filter((one) => isDone([one], facts, resource));
  if (isDone("all", facts, resource)) return "all";
  return facts.gpus
    .filter(hasFunctions)
    .map(({ address }) => ({ address }))
    .filter((one) => isDone([one], facts, resource));
}

function isDone(gpus: SriovArguments["gpus"], facts: HostFacts, resource: ResourceInstance): boolean {
  const { steps, blockers } = planSriov(facts, goal("enabled", gpus, resource));
  return steps.length === 0 && blockers.length === 0;
}

const hasFunctions = ({ sriov: capability }: Gpu) => (capability?.enabled ?? 0) > 0;

const outputs = (gpus: Gpu[], before: EnabledGpu[] = []) => ({
  enabledGpus: gpus.filter(hasFunctions).map((gpu) => asBefore(enabledGpu(gpu), before)),
});

/** Keeps the creatable types of the last state: each vGPU changes them, which would be the longest part of every preview. */
function asBefore(now: EnabledGpu, all: EnabledGpu[]): EnabledGpu {
  const before = all.find(({ address }) => address === now.address);
  const isSame =
    before?.framework === now.framework && isDeepStrictEqual(before?.virtualFunctions, now.virtualFunctions);
  return before && isSame ? { ...now, creatableTypes: before.creatableTypes } : now;
}

const virtual = ({ functions }: Gpu) => functions.filter(({ index }) => index !== null);

function enabledGpu(gpu: Gpu): EnabledGpu {
  const creatable = new Set(virtual(gpu).flatMap((one) => (isKnown(one.creatable) ? Object.keys(one.creatable) : [])));
  return {
    address: gpu.address,
    uuid: gpu.uuid ?? undefined,
    virtualFunctions: virtual(gpu).map(({ address }) => address),
    framework: gpu.framework ?? undefined,
    creatableTypes: gpu.types
      .filter(({ id }) => creatable.has(String(id)))
      .map(({ id, name, framebufferMiB, maxInstances }) => ({
        id,
        name: name ?? undefined,
        framebufferMiB: framebufferMiB ?? undefined,
        maxInstances: maxInstances ?? undefined,
      })),
  };
}
