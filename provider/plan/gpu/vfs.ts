import type { Gpu, VgpuFunction } from "../../model/facts/gpu";
import { isInUse } from "../use";

export const virtualFunctions = (gpu: Gpu): VgpuFunction[] => gpu.functions.filter(({ index }) => index !== null);

/** How far the VFs of a GPU are set up. Each state but the last names what is missing for the next. */
export interface VfsState {
  state: "off" | "incomplete" | "wrong-driver" | "unbound" | "no-types" | "ready";
  /** What was found: "VFs are off (0 of 32)". */
  reason: string;
}

export function vfsState(gpu: Gpu): VfsState {
  const { enabled = 0, total = 0 } = gpu.sriov ?? {};
  const vfs = virtualFunctions(gpu);
  if (enabled === 0) return { state: "off", reason: `VFs are off (0 of ${total})` };
  if (vfs.length < total) return { state: "incomplete", reason: `${vfs.length} of ${total} VFs are there` };

  const otherDriver = vfs.filter((vf) => hasOtherDriver(vf) && !isInUse(vf.users));
  if (otherDriver.length)
    return {
      state: "wrong-driver",
      reason: `${describeVfs(otherDriver)} bound to ${otherDriver[0]!.driver} instead of nvidia`,
    };
  const unbound = vfs.filter(({ driver }) => driver === null);
  if (unbound.length) return { state: "unbound", reason: `${describeVfs(unbound)} without a driver` };
  const withoutTypes = vfs.filter((vf) => vf.framework === null && !hasOtherDriver(vf));
  if (withoutTypes.length) return { state: "no-types", reason: `${describeVfs(withoutTypes)} without vGPU types` };
  return { state: "ready", reason: `all ${total} VFs offer vGPU types` };
}

/** Passed through to a guest as a PCI device: it offers no vGPU, and is not touched as long as the guest has it. */
export const hasOtherDriver = ({ driver }: VgpuFunction): boolean => driver !== null && driver !== "nvidia";

/** `0000:41:00.5 and 3 more VFs are`: the beginning of a sentence. */
function describeVfs(vfs: readonly VgpuFunction[]): string {
  const [first, ...more] = vfs;
  return more.length ? `${first!.address} and ${more.length} more VFs are` : `${first!.address} is`;
}

export const isReady = (gpu: Gpu): boolean => gpu.driver === "nvidia" && vfsState(gpu).state === "ready";
