import type { Gpu } from "../../model/facts/gpu";
import type { GpuInstance, Mig } from "../../model/facts/mig";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import type { GpuDivision, GpuInstanceOutput, LayoutMig, MigGpu } from "./outputs";

const migOf = (gpu: Gpu | undefined): Mig | null => (gpu && isKnown(gpu.mig) ? gpu.mig : null);

export const migGpu = (gpu: Gpu): MigGpu => ({
  address: gpu.address,
  uuid: gpu.uuid ?? undefined,
  ...divisionOf(migOf(gpu)),
});

/** Returns undefined for a GPU without MIG. */
export function layoutMig(gpu: Gpu | undefined): LayoutMig | undefined {
  const mig = migOf(gpu);
  return mig ? { enabled: mig.current, ...divisionOf(mig) } : undefined;
}

/** Returns the GPU instance that a vGPU is on, if the driver shows it. */
export function gpuInstanceOf(gpu: Gpu | undefined, { gpuInstance }: Vgpu): GpuInstanceOutput | undefined {
  const mig = migOf(gpu);
  const found = instancesOf(mig).find(({ id }) => id === gpuInstance);
  return found && toOutput(mig, found);
}

function divisionOf(mig: Mig | null): GpuDivision {
  const instances = instancesOf(mig);
  const isFree = (slice: number) => !instances.some(({ start, size }) => start <= slice && slice < start + size);
  const ends = profilesOf(mig).flatMap(({ starts, size }) => starts.map((start) => start + size));
  const slices = Array.from({ length: mig?.current ? Math.max(0, ...ends) : 0 }, (_, slice) => slice);
  return { gpuInstances: instances.map((one) => toOutput(mig, one)), freeSlices: slices.filter(isFree) };
}

const instancesOf = (mig: Mig | null): GpuInstance[] => (mig && isKnown(mig.instances) ? mig.instances : []);

const profilesOf = (mig: Mig | null) => (mig && isKnown(mig.profiles) ? mig.profiles : []);

const toOutput = (mig: Mig | null, { id, profileId, start, size }: GpuInstance): GpuInstanceOutput => ({
  id,
  profileId,
  profile: profilesOf(mig).find((profile) => profile.id === profileId)?.name,
  start,
  size,
});
