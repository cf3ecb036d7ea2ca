import { urnOf } from "../lifecycle/engine/urn";
import type { HostFacts } from "../model/facts/host-facts";
import { isKnown } from "../model/unknown";

/** Under which names the things of a fleet are known on its hosts. */
export interface Ownership {
  /** Recorded on hosts beside each vGPU. */
  owner: string;
  /** The URN of the layout of a card. */
  urnOfLayout(host: string, card: string): string;
}

/** The types of the components that a fleet consists of, from the outside in. */
export const componentTypes = { fleet: "nvidia-vgpu:index:VgpuFleet", host: "nvidia-vgpu:index:VgpuHost" };

/**
 * Without Pulumi nobody tells which stack a fleet file belongs to, but the hosts do: by what that stack wrote down there when it
 * made vGPUs. Where nothing is written down, all is yet to be made or adopted.
 */
export function ownershipFromRecords(facts: HostFacts): Ownership {
  const owners = isKnown(facts.records) ? facts.records.map(({ owner }) => owner) : [];
  const owner = mostFrequent(owners) ?? "nobody/nothing#";
  const [project, stack] = owner.replace(/#.*/, "").split("/") as [string, string];
  const type = [componentTypes.fleet, componentTypes.host, "pulumi-nodejs:dynamic/nvidia-vgpu:VgpuLayout"].join("$");
  return { owner, urnOfLayout: (host, card) => urnOf({ project, stack, type, name: layoutName(host, card) }) };
}

export const layoutName = (host: string, card: string): string => `${host}/${card}`;

function mostFrequent(words: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
