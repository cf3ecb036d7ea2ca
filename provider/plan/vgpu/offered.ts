import { knownTypeByName } from "../../model/catalogue";
import type { Gpu } from "../../model/facts/gpu";
import type { MigVgpuType } from "../../model/facts/mig";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { idIn, isType, shortName, sizeInName } from "../../model/vgpu-type";
import { enumerate, formatGpu } from "../format";
import { isInMigMode } from "../gpu/readiness";
import { migTypeNamed } from "../gpu-instances/mig-of";
import type { BlockerReason } from "../plan";
import { formatType } from "./vgpu";

/** A type, as far as it is known before a vGPU of it exists. */
export interface OfferedType {
  /** null: neither the present lists of the host nor the table of known types have it. */
  id: number | null;
  name: string;
  framebufferMiB: number | null;
  maxInstances: number | null;
  /** Its GPU instances; absent for a time-sliced type. */
  mig?: MigVgpuType;
}

/** Returns the type of this GPU that is named, or that it has no such type. */
export function offeredType(gpu: Gpu, vgpus: readonly Vgpu[], wanted: VgpuTypeName): OfferedType | BlockerReason {
  const mig = migTypeNamed(gpu, wanted);
  if (isInMigMode(gpu))
    return mig ? { ...mig, name: shortName(mig.name), maxInstances: null, mig } : timeSliced(gpu, wanted);
  if (mig || isMigBacked(wanted)) return modeOff(gpu, wanted);
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

const isMigBacked = (wanted: VgpuTypeName) => sizeInName(knownTypeByName(wanted)?.name ?? wanted)?.slices != null;

const modeOff = (gpu: Gpu, wanted: VgpuTypeName): BlockerReason => ({
  device: gpu.address,
  reason: `${wanted} is a type for GPU instances, and MIG mode of ${formatGpu(gpu)} is off`,
  hint: "Turn MIG mode on with MigEnablement, or choose a time-sliced type",
});

/** A GPU in MIG mode has no time-sliced vGPUs. */
function timeSliced(gpu: Gpu, wanted: VgpuTypeName): BlockerReason {
  const types = isKnown(gpu.mig) && gpu.mig ? gpu.mig.types : [];
  if (!isKnown(types))
    return {
      device: gpu.address,
      reason: `the types of ${formatGpu(gpu)}, which is in MIG mode, could not be read: ${types.unknown}`,
      hint: "Run nvidia-smi vgpu -s -v on the host",
    };
  // B132: the plain package has none for GPUs of data centres.
  if (!types.length)
    return {
      device: gpu.address,
      reason: `the vGPU Manager has no types for ${formatGpu(gpu)} in MIG mode`,
      hint: "From vGPU 18 on they are in NVIDIA's AI Enterprise package only",
    };
  const size = sizeInName(wanted);
  const alike = types.find(({ name }) => size && sizeInName(name)?.framebufferMiB === size.framebufferMiB);
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} is in MIG mode, and has no vGPU type ${wanted}`,
    hint: `${alike ? `Did you mean ${shortName(alike.name)}? ` : ""}It has ${enumerate(types.map(({ name }) => shortName(name)))}. Time-sliced types need MIG mode off`,
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
