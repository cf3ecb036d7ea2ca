import { knownTypeByName } from "../../model/catalogue";
import type { Gpu } from "../../model/facts/gpu";
import type { Vgpu } from "../../model/facts/vgpu";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { idIn, isType, shortName, sizeInName } from "../../model/vgpu-type";
import { enumerate, formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import { formatType } from "./vgpu";

/** A type, as far as it is known before a vGPU of it exists. */
export interface OfferedType {
  /** null: neither the present lists of the host nor the table of known types have it. */
  id: number | null;
  name: string;
  framebufferMiB: number | null;
  maxInstances: number | null;
}

/** Returns the type of this GPU that is named, or that it has no such type. */
export function offeredType(gpu: Gpu, vgpus: readonly Vgpu[], wanted: VgpuTypeName): OfferedType | BlockerReason {
  const offered = gpu.types.find((type) => isType(wanted, type));
  if (offered) return { ...offered, name: formatType(offered) };
  return (listsAll(gpu, vgpus) || !isOfThisGpu(gpu, wanted) ? null : unlisted(wanted)) ?? notOffered(gpu, wanted);
}

/** Type files list what can be created now, so a GPU that has vGPUs does not list the other sizes (B70). */
const listsAll = ({ framework }: Gpu, vgpus: readonly Vgpu[]) => framework !== "vendor" || vgpus.length === 0;

/** All types of a GPU have the same prefix: A40-4Q, A40-8C. */
function isOfThisGpu({ types }: Gpu, wanted: VgpuTypeName): boolean {
  const named = types.flatMap(({ name }) => (name === null ? [] : [family(name)]));
  const known = knownTypeByName(wanted)?.name ?? wanted;
  return !named.length || /^\d+$/.test(known) || named.includes(family(known));
}

const family = (name: string) => shortName(name).replace(/-.*/, "").toLowerCase();

function unlisted(wanted: VgpuTypeName): OfferedType {
  const known = knownTypeByName(wanted);
  const name = known ? shortName(known.name) : shortName(wanted);
  const id = known?.id ?? idIn(wanted);
  return {
    id,
    name,
    framebufferMiB: sizeInName(name)?.framebufferMiB ?? null,
    maxInstances: known?.maxInstances ?? null,
  };
}

function notOffered(gpu: Gpu, wanted: VgpuTypeName): BlockerReason {
  const size = sizeInName(wanted);
  const alike = gpu.types.find(
    ({ framebufferMiB, series }) => size && size.framebufferMiB === framebufferMiB && size.series === series,
  );
  const names = gpu.types.map(formatType);
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} has no vGPU type ${wanted}`,
    hint: `${alike ? `Did you mean ${formatType(alike)}? ` : ""}It has ${enumerate(names)}`,
  };
}
