import type { Gpu } from "../../model/facts/gpu";
import { isKnown } from "../../model/unknown";
import { formatGpu } from "../format";
import type { BlockerReason } from "../plan";

/**
 * Returns whether this GPU's vGPUs are on virtual functions. The SR-IOV capability proves nothing: a T4 has it and does not use it (B43).
 * What the host reports has priority; otherwise the PCI device id decides, which is below 2000 for Turing and older.
 */
export function usesVirtualFunctions(gpu: Gpu): boolean {
  if (isKnown(gpu.hostVgpuMode) && gpu.hostVgpuMode) return gpu.hostVgpuMode === "sr-iov";
  const withTypes = gpu.functions.find(({ framework }) => framework);
  return withTypes ? withTypes.index !== null : parseInt(gpu.deviceId, 16) >= 0x2000;
}

/** RTX A6000, A5000, A5500, RTX 6000 Ada, RTX 5000 Ada. */
const workstationCards = ["2230", "2231", "2233", "26b1", "26b2"];

/** Returns why this GPU cannot have virtual functions in its present set-up; null if it can. */
export function vfBlocker(gpu: Gpu): BlockerReason | null {
  const device = gpu.address;
  if (!usesVirtualFunctions(gpu))
    return {
      device,
      reason: `${formatGpu(gpu)} does not use virtual functions: its vGPUs are created on the GPU`,
      hint: "Remove it from `gpus`",
    };
  if (gpu.sriov) return null;
  const reason = `${formatGpu(gpu)} shows no virtual functions`;
  // B44
  if (workstationCards.includes(gpu.deviceId))
    return {
      device,
      reason,
      hint: "A workstation GPU has them in display-less mode only: NVIDIA's displaymodeselector --gpumode compute",
    };
  return { device, reason, hint: "Turn SR-IOV on in the firmware of the host" };
}
