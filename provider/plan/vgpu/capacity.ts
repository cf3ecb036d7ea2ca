import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { sizeInName } from "../../model/vgpu-type";
import { enumerate, formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import type { Creation, GpuChanges } from "./gpu-changes";
import { formatType, recordOf } from "./vgpu";

/** A vGPU that the card carries, or will when this plan is done. */
export interface Occupant {
  name: string;
  framebufferMiB: number | null;
  at: string;
  /** null: it is there already. */
  comesWith: GpuChanges | null;
  /** Who made it, as far as that is written down. */
  owner?: string;
}

export const occupants = (facts: HostFacts, gpu: Gpu, vgpu: Vgpu): Occupant => ({
  owner: recordOf(facts, vgpu)?.owner,
  name: formatType(vgpu.type),
  framebufferMiB: sizeOf(gpu, vgpu),
  at: vgpu.function,
  comesWith: null,
});

export function sizeOf({ types }: Gpu, { type }: Vgpu): number | null {
  return (
    types.find(({ id }) => id === type.id)?.framebufferMiB ??
    (type.name === null ? null : (sizeInName(type.name)?.framebufferMiB ?? null))
  );
}

/**
 * Whether the card is in mixed-size mode, which no file tells. It is when it carries several sizes, or offers others than the
 * one that it carries (B54, B93).
 */
export function mixesSizes(gpu: Gpu, carried: readonly Vgpu[]): boolean {
  const sizes = new Set(carried.map((vgpu) => sizeOf(gpu, vgpu)));
  if (!carried.length || sizes.has(null)) return false;
  const creatable = gpu.functions.flatMap(({ creatable }) => ("unknown" in creatable ? [] : Object.keys(creatable)));
  const offered = gpu.types.filter(
    ({ id, framebufferMiB }) => framebufferMiB !== null && creatable.includes(String(id)),
  );
  return new Set([...sizes, ...offered.map(({ framebufferMiB }) => framebufferMiB)]).size > 1;
}

/** Why one more vGPU has no room beside the others: another framebuffer size (B54), or too many. */
export function capacityBlocker(
  gpu: Gpu,
  others: readonly Occupant[],
  { type }: Creation,
  work: GpuChanges,
): BlockerReason | null {
  const unlike = others.filter(
    ({ framebufferMiB }) =>
      framebufferMiB !== null && type.framebufferMiB !== null && framebufferMiB !== type.framebufferMiB,
  );
  if (unlike.length) return otherSize(gpu, unlike, type.name, work);
  if (type.maxInstances === null || others.length < type.maxInstances) return null;
  const before = others.filter(({ comesWith }) => comesWith !== work).length;
  const wanted = work.creations.length;
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} fits ${type.maxInstances} ${type.name}: ${before} taken, ${wanted} more wanted${madeByOthers(others, work)}`,
    hint: "Want fewer, or smaller ones",
  };
}

/** `; 2 of them made by beta/dev#1f3a9c2d` */
function madeByOthers(standing: readonly Occupant[], work: GpuChanges): string {
  const owners = othersAmong(standing, work);
  const counts = [...new Set(owners)].map(
    (owner) => `${owners.filter((one) => one === owner).length} of them made by ${owner}`,
  );
  return counts.length ? `; ${enumerate(counts)}` : "";
}

const othersAmong = (standing: readonly Occupant[], { goal }: GpuChanges): string[] =>
  standing.flatMap(({ owner }) => (owner !== undefined && owner !== goal.claim.owner ? [owner] : []));

function otherSize(gpu: Gpu, unlike: Occupant[], name: string, work: GpuChanges): BlockerReason {
  const [first, ...more] = unlike;
  const rest = more.length ? ` and ${more.length} more of another size` : "";
  const stays =
    first!.comesWith === null
      ? `${first!.name} on ${first!.at}${rest} stay${more.length ? "" : "s"}`
      : `${first!.name}${rest} ${more.length ? "are" : "is"} wanted too`;
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} takes one framebuffer size at a time: ${name} is wanted, and ${stays}${madeByOthers(unlike, work)}`,
    hint:
      work.goal.managesWholeGpu || first!.comesWith
        ? othersAmong(unlike, work).length
          ? "Choose types of the size that is there"
          : "Choose types of one size, or remove what stays"
        : "Single vGPUs cannot change the size of a card together; a VgpuLayout, which plans all of it, can",
  };
}
