import { isDeepStrictEqual } from "node:util";
import { SriovArguments } from "../../model/desired/sriov";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { GpuSelector } from "../../model/gpu-selector";
import { isKnown } from "../../model/unknown";
import { plan, type SriovDesire } from "../../plan";
import { lookUp } from "../../plan/sriov/chosen";
import type { ResourceKind, Subject } from "../resource-kind";
import type { EnabledGpu } from "./outputs";

export const sriov: ResourceKind<SriovArguments> = {
  name: "SriovEnablement",
  schema: SriovArguments,

  id: (_, name, host) => `${host}/${name}`,

  desire: ({ gpus }, subject) => desire("enabled", gpus, subject),

  // "all" at the end means those that were on: never one that somebody else turned on since.
  farewell({ gpus, onDelete }, subject) {
    if (onDelete === "keep") return undefined;
    const enabled = (subject.last.enabledGpus ?? []) as EnabledGpu[];
    const ours = gpus === "all" ? enabled.map(({ address }) => GpuSelector.parse(address)) : gpus;
    return ours.length > 0 ? desire("disabled", ours, subject) : undefined;
  },

  see(facts, { gpus, onDelete }, subject) {
    const { last } = subject;
    const chosen = gpus === "all" ? facts.gpus : gpus.flatMap((one) => resolved(one, facts.gpus));
    return { arguments: { gpus: seen(gpus, facts, subject), onDelete }, outputs: outputs(chosen, last.enabledGpus as EnabledGpu[] | undefined) };
  },

  find({ gpus }) {
    const on = gpus.filter(hasFunctions).map(({ address }) => ({ address }));
    return on.length > 0 ? { arguments: { gpus: on, onDelete: "keep" }, outputs: outputs(gpus) } : undefined;
  },
};

const desire = (state: SriovDesire["state"], gpus: SriovArguments["gpus"], { urn, claim }: Subject): SriovDesire =>
  ({ kind: "sriov", key: urn, claim, state, gpus });

/** The GPUs as they would have to be declared for nothing to be left to do. */
function seen(gpus: SriovArguments["gpus"], facts: HostFacts, subject: Subject): SriovArguments["gpus"] {
  if (gpus !== "all") return gpus.filter((one) => isDone([one], facts, subject));
  if (isDone("all", facts, subject)) return "all";
  return facts.gpus.filter(hasFunctions).map(({ address }) => ({ address })).filter((one) => isDone([one], facts, subject));
}

function isDone(gpus: SriovArguments["gpus"], facts: HostFacts, subject: Subject): boolean {
  const { steps, blockers } = plan(facts, [desire("enabled", gpus, subject)]);
  return steps.length === 0 && blockers.length === 0;
}

function resolved(selector: GpuSelector, gpus: Gpu[]): Gpu[] {
  const found = lookUp(selector, gpus);
  return "seen" in found ? [] : [found];
}

const hasFunctions = ({ sriov: capability }: Gpu) => (capability?.enabled ?? 0) > 0;

const outputs = (gpus: Gpu[], before: EnabledGpu[] = []) => ({
  enabledGpus: gpus.filter(hasFunctions).map((gpu) => asBefore(enabledGpu(gpu), before)),
});

/** Each vGPU changes what fits beside it. Told anew each time, that would be the longest part of every preview. */
function asBefore(now: EnabledGpu, all: EnabledGpu[]): EnabledGpu {
  const before = all.find(({ address }) => address === now.address);
  const isSame = before?.framework === now.framework && isDeepStrictEqual(before?.virtualFunctions, now.virtualFunctions);
  return before && isSame ? { ...now, creatableTypes: before.creatableTypes } : now;
}

const virtual = ({ functions }: Gpu) => functions.filter(({ index }) => index !== null);

function enabledGpu(gpu: Gpu): EnabledGpu {
  const creatable = new Set(virtual(gpu).flatMap((one) => (isKnown(one.creatable) ? Object.keys(one.creatable) : [])));
  return {
    address: gpu.address,
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
