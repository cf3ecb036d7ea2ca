import type { Gpu } from "../../model/facts/gpu";
import type { GpuInstance, Mig } from "../../model/facts/mig";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { instancesOf, profilesOf } from "../../plan/gpu-instances/mig-of";
import type { GpuDivision, GpuInstanceOutput, LayoutMig, MigGpu } from "./outputs";

const migOf = (gpu: Gpu | undefined): Mig | null => (gpu && isKnown(gpu.mig) ? gpu.mig : null);

export const migGpu = (gpu: Gpu): MigGpu => ({
  address: gpu.address,
  uuid: gpu.uuid ?? undefined,
  ...divisionOf(gpu),
});

/** Returns undefined for a GPU without MIG. */
export function layoutMig(gpu: Gpu | undefined): LayoutMig | undefined {
  const mig = migOf(gpu);
  return gpu && mig ? { enabled: mig.current, ...divisionOf(gpu) } : undefined;
}

/** Returns the GPU instance that a vGPU is on, if the driver shows it. */
export function gpuInstanceOf(gpu: Gpu | undefined, { gpuInstance }: Vgpu): GpuInstanceOutput | undefined {
  const found = instancesOf(gpu).find(({ id }) => id === gpuInstance);
  return found && toOutput(gpu, found);
}

function divisionOf(gpu: Gpu): GpuDivision {
  const instances = instancesOf(gpu);
  const isFree = (slice: number) => !instances.some(({ start, size }) => start <= slice && slice < start + size);
  const ends = profilesOf(gpu).flatMap(({ starts, size }) => starts.map((start) => start + size));
  const slices = Array.from({ length: migOf(gpu)?.current ? Math.max(0, ...ends) : 0 }, (_, slice) => slice);
  return { gpuInstances: instances.map((one) => toOutput(gpu, one)), freeSlices: slices.filter(isFree) };
}

const toOutput = (gpu: Gpu | undefined, { id, profileId, start, size }: GpuInstance): GpuInstanceOutput => ({
  id,
  profileId,
  profile: profilesOf(gpu).find((profile) => profile.id === profileId)?.name,
  start,
  size,
});
