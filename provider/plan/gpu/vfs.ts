import type { Gpu, VgpuFunction } from "../../model/facts/gpu";
import { isFree } from "../use";

export const virtualFunctions = (gpu: Gpu): VgpuFunction[] => gpu.functions.filter(({ index }) => index !== null);

/** How far the VFs of a GPU are. Each state but the last names what is missing before the next. */
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

  const elsewhere = vfs.filter((vf) => hasOtherDriver(vf) && !isUsed(vf));
  if (elsewhere.length)
    return { state: "wrong-driver", reason: `${some(elsewhere)} bound to ${elsewhere[0]!.driver} instead of nvidia` };
  const unbound = vfs.filter(({ driver }) => driver === null);
  if (unbound.length) return { state: "unbound", reason: `${some(unbound)} without a driver` };
  const untyped = vfs.filter((vf) => vf.framework === null && !hasOtherDriver(vf));
  if (untyped.length) return { state: "no-types", reason: `${some(untyped)} without vGPU types` };
  return { state: "ready", reason: `all ${total} VFs offer vGPU types` };
}

/** Handed to a guest as a PCI device: it offers no vGPU there, and is none of ours as long as the guest has it. */
export const hasOtherDriver = ({ driver }: VgpuFunction): boolean => driver !== null && driver !== "nvidia";

export const isUsed = ({ users }: VgpuFunction): boolean => !isFree(users);

/** `0000:41:00.5 and 3 more VFs are`, to be followed by a state. */
function some(vfs: readonly VgpuFunction[]): string {
  const [first, ...more] = vfs;
  return more.length ? `${first!.address} and ${more.length} more VFs are` : `${first!.address} is`;
}

export const isReady = (gpu: Gpu): boolean => gpu.driver === "nvidia" && vfsState(gpu).state === "ready";
