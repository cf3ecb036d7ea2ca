import { knownTypeByName } from "../../model/catalogue";
import type { Gpu } from "../../model/facts/gpu";
import type { Vgpu } from "../../model/facts/vgpu";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { idIn, isType, shortName, sizeInName } from "../../model/vgpu-type";
import { enumerate, formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import { formatType } from "./vgpu";

/** A type as far as it is known before it is made. */
export interface OfferedType {
  /** null: the host will tell, for its lists leave the type out at the moment, and so does our table. */
  id: number | null;
  name: string;
  framebufferMiB: number | null;
  maxInstances: number | null;
}

/** The type of this card that is meant, or that it has none such. */
export function offeredType(gpu: Gpu, vgpus: readonly Vgpu[], wanted: VgpuTypeName): OfferedType | BlockerReason {
  const offered = gpu.types.find((type) => isType(wanted, type));
  if (offered) return { ...offered, name: formatType(offered) };
  return (listsAll(gpu, vgpus) || !isOfThisCard(gpu, wanted) ? null : unlisted(wanted)) ?? notOffered(gpu, wanted);
}

/** Type files list what can be made now, so a card that carries something leaves the other sizes out (B70). */
const listsAll = ({ framework }: Gpu, vgpus: readonly Vgpu[]) => framework !== "vendor" || vgpus.length === 0;

/** All types of a card begin alike: A40-4Q, A40-8C. */
function isOfThisCard({ types }: Gpu, wanted: VgpuTypeName): boolean {
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
