import { componentTypes, urnOf } from "../lifecycle/engine/urn";
import type { HostFacts } from "../model/facts/host-facts";
import { isKnown } from "../model/unknown";

/** The owner and the URNs by which records on hosts name the resources of a fleet. */
export interface Ownership {
  /** The owner in the record of each vGPU. */
  owner: string;
  /** Returns the URN of the layout of a GPU. */
  urnOfLayout(host: string, gpuKey: string): string;
}

/**
 * Returns the ownership that the records on a host show. Without Pulumi, the stack of a fleet file is not known, but the records of
 * its vGPUs name it. Without records, all vGPUs are to be created or adopted.
 */
export function ownershipFromRecords(facts: HostFacts): Ownership {
  const owners = isKnown(facts.records) ? facts.records.map(({ owner }) => owner) : [];
  const owner = mostFrequent(owners) ?? "unknown/unknown#";
  const [project, stack] = owner.replace(/#.*/, "").split("/") as [string, string];
  const type = [componentTypes.fleet, componentTypes.host, "pulumi-nodejs:dynamic/nvidia-vgpu:VgpuLayout"].join("$");
  return { owner, urnOfLayout: (host, gpuKey) => urnOf({ project, stack, type, name: layoutName(host, gpuKey) }) };
}

export const layoutName = (host: string, gpuKey: string): string => `${host}/${gpuKey}`;

function mostFrequent(words: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
