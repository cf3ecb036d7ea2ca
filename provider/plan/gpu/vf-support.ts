import type { Gpu } from "../../model/facts/gpu";
import { isKnown } from "../../model/unknown";
import { formatGpu } from "../format";
import type { BlockerReason } from "../plan";

/**
 * Whether this GPU's vGPUs sit on virtual functions. The capability does not tell: a T4 has one and does not use it (B43).
 * The host's word comes first; without it the PCI id decides, which is below 2000 for Turing and everything older.
 */
export function usesVirtualFunctions(gpu: Gpu): boolean {
  if (isKnown(gpu.hostVgpuMode) && gpu.hostVgpuMode) return gpu.hostVgpuMode === "sr-iov";
  const carrier = gpu.functions.find(({ framework }) => framework);
  return carrier ? carrier.index !== null : parseInt(gpu.deviceId, 16) >= 0x2000;
}

/** RTX A6000, A5000, A5500, RTX 6000 Ada, RTX 5000 Ada. */
const workstationCards = ["2230", "2231", "2233", "26b1", "26b2"];

/** Why this GPU has no virtual functions and never will as it is; null where it can have them. */
export function vfBlocker(gpu: Gpu): BlockerReason | null {
  const device = gpu.address;
  if (!usesVirtualFunctions(gpu))
    return { device, reason: `${formatGpu(gpu)} carries its vGPUs itself`, hint: "Leave it out" };
  if (gpu.sriov) return null;
  const reason = `${formatGpu(gpu)} shows no virtual functions`;
  // B44
  if (workstationCards.includes(gpu.deviceId))
    return {
      device,
      reason,
      hint: "A workstation card has them in display-less mode only: NVIDIA's displaymodeselector --gpumode compute",
    };
  return { device, reason, hint: "Turn SR-IOV on in the firmware of the host" };
}
