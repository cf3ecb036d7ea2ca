import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { sizeInName } from "../../model/vgpu-type";
import { enumerate, formatGpu } from "../format";
import type { VgpuGoal } from "../goal";
import type { BlockerReason } from "../plan";
import type { Creation, GpuChanges } from "./gpu-changes";
import { formatType, recordOf } from "./vgpu";

/** A vGPU that the GPU has, or will have after this plan. */
export interface Occupant {
  name: string;
  framebufferMiB: number | null;
  /** Address of its function. */
  function: string;
  /** null: it exists already. */
  plannedBy: GpuChanges | null;
  /** As its record names it. */
  owner?: string;
}

export const occupantOf = (facts: HostFacts, gpu: Gpu, vgpu: Vgpu): Occupant => ({
  owner: recordOf(facts, vgpu)?.owner,
  name: formatType(vgpu.type),
  framebufferMiB: sizeOf(gpu, vgpu),
  function: vgpu.function,
  plannedBy: null,
});

export function sizeOf({ types }: Gpu, { type }: Vgpu): number | null {
  return (
    types.find(({ id }) => id === type.id)?.framebufferMiB ??
    (type.name === null ? null : (sizeInName(type.name)?.framebufferMiB ?? null))
  );
}

/**
 * Returns whether the GPU is in mixed-size mode, which no file shows. It is when it has vGPUs of several sizes, or offers other
 * sizes than the one that it has (B54, B93).
 */
export function mixesSizes(gpu: Gpu, present: readonly Vgpu[]): boolean {
  const sizes = new Set(present.map((vgpu) => sizeOf(gpu, vgpu)));
  if (!present.length || sizes.has(null)) return false;
  const creatable = gpu.functions.flatMap(({ creatable }) => ("unknown" in creatable ? [] : Object.keys(creatable)));
  const offered = gpu.types.filter(
    ({ id, framebufferMiB }) => framebufferMiB !== null && creatable.includes(String(id)),
  );
  return new Set([...sizes, ...offered.map(({ framebufferMiB }) => framebufferMiB)]).size > 1;
}

/** Returns why one more vGPU does not fit next to the others: another framebuffer size (B54), or too many. */
export function capacityBlocker(
  gpu: Gpu,
  others: readonly Occupant[],
  { type }: Creation,
  changes: GpuChanges,
): BlockerReason | null {
  const unlike = others.filter(
    ({ framebufferMiB }) =>
      framebufferMiB !== null && type.framebufferMiB !== null && framebufferMiB !== type.framebufferMiB,
  );
  if (unlike.length) return sizeBlocker(gpu, unlike, type.name, changes);
  if (type.maxInstances === null || others.length < type.maxInstances) return null;
  const taken = others.filter(({ plannedBy }) => plannedBy !== changes).length;
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} fits ${type.maxInstances} ${type.name}: ${taken} taken, ${changes.creations.length} more declared${madeByOthers(others, changes)}`,
    hint: "Reduce the count or use a smaller type",
  };
}

/** `; 2 of them created by beta/dev#1f3a9c2d` */
function madeByOthers(occupants: readonly Occupant[], changes: GpuChanges): string {
  const owners = otherOwners(occupants, changes);
  const counts = [...new Set(owners)].map(
    (owner) => `${owners.filter((one) => one === owner).length} of them created by ${owner}`,
  );
  return counts.length ? `; ${enumerate(counts)}` : "";
}

const otherOwners = (occupants: readonly Occupant[], { goal }: GpuChanges): string[] =>
  occupants.flatMap(({ owner }) => (owner !== undefined && owner !== goal.claim.owner ? [owner] : []));

function sizeBlocker(gpu: Gpu, unlike: Occupant[], name: string, changes: GpuChanges): BlockerReason {
  const [first, ...more] = unlike;
  const rest = more.length ? ` and ${more.length} more of another size` : "";
  const conflict =
    first!.plannedBy === null
      ? `${first!.name} on ${first!.function}${rest} stay${more.length ? "" : "s"}`
      : `${first!.name}${rest} ${more.length ? "are" : "is"} declared too`;
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} takes one framebuffer size at a time: ${name} is declared, and ${conflict}${madeByOthers(unlike, changes)}`,
    hint: sizeHint(unlike, changes),
  };
}

function sizeHint(unlike: Occupant[], changes: GpuChanges): string {
  if (!changes.goal.managesWholeGpu && !unlike[0]!.plannedBy)
    return "Single vGPUs cannot change the framebuffer size of a GPU; a VgpuLayout, which plans the whole GPU, can";
  return otherOwners(unlike, changes).length
    ? "Choose types of the size that is in use"
    : "Choose types of one size, or remove what stays";
}

/** Adds to a blocker that the vGPUs may be those of the same resource under its earlier name, and how to declare that. */
export function withRenameHint(
  blocker: BlockerReason,
  facts: HostFacts,
  present: readonly Vgpu[],
  { claim }: VgpuGoal,
): BlockerReason {
  const [kind] = claim.resource.split(" ");
  const names = present.flatMap((vgpu) => {
    const { owner, resource = "" } = recordOf(facts, vgpu) ?? {};
    return owner === claim.owner && resource !== claim.resource && resource.startsWith(`${kind} `)
      ? [resource.slice(kind!.length + 1)]
      : [];
  });
  const [name] = names;
  if (name === undefined) return blocker;
  const count = names.filter((one) => one === name).length;
  return {
    ...blocker,
    reason: `${blocker.reason}; ${count} created by ${kind} ${name} of this stack`,
    hint: `If ${claim.resource} is that one under another name, give it the option aliases: [{name: "${name}"}], in a fleet file the word formerly, and nothing on the host changes. Otherwise reduce the count or use a smaller type`,
  };
}
