import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { VgpuGoal } from "../goal";
import type { BlockerReason } from "../plan";
import { recordOf } from "./vgpu";

/** Why there is no room, with the way out where the room is taken by what may be the same resource under the name that it had before. */
export function orRenamed(
  full: BlockerReason,
  facts: HostFacts,
  carried: readonly Vgpu[],
  { claim }: VgpuGoal,
): BlockerReason {
  const [kind] = claim.resource.split(" ");
  const names = carried.flatMap((vgpu) => {
    const { owner, resource = "" } = recordOf(facts, vgpu) ?? {};
    return owner === claim.owner && resource !== claim.resource && resource.startsWith(`${kind} `)
      ? [resource.slice(kind!.length + 1)]
      : [];
  });
  const [name] = names;
  if (name === undefined) return full;
  const count = names.filter((one) => one === name).length;
  return {
    ...full,
    reason: `${full.reason}; ${count} made by ${kind} ${name} of this stack`,
    hint: `If ${claim.resource} is that one under another name, give it the option aliases: [{name: "${name}"}], in a fleet file the word formerly, and nothing on the host changes. Else want fewer, or smaller ones`,
  };
}
