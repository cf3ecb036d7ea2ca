import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { formatGpu } from "../format";
import { driverBlocker, gpuDriverBlocker, migBlocker } from "../gpu/readiness";
import { usesVirtualFunctions, vfBlocker } from "../gpu/vf-support";
import { vfsState } from "../gpu/vfs";
import type { BlockerReason } from "../plan";

/** Why no vGPU can be made on this card, whichever; named after the causes that leave /sys/class/mdev_bus missing. */
export function readinessBlocker(facts: HostFacts, gpu: Gpu): BlockerReason | null {
  return (
    driverBlocker(facts) ??
    gpuDriverBlocker(gpu) ??
    migBlocker(gpu) ??
    (usesVirtualFunctions(gpu) ? whyVfsOfferNothing(gpu) : whyGpuOffersNothing(gpu))
  );
}

function whyVfsOfferNothing(gpu: Gpu): BlockerReason | null {
  if (gpu.framework !== null) return null;
  const never = vfBlocker(gpu);
  if (never) return never;
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} makes vGPUs on virtual functions only, and ${vfsState(gpu).reason}`,
    hint: "SriovEnablement comes first",
  };
}

function whyGpuOffersNothing(gpu: Gpu): BlockerReason | null {
  if (gpu.framework !== null) return null;
  if (gpu.driver === null)
    return {
      device: gpu.address,
      reason: `${formatGpu(gpu)} has no driver`,
      hint: `Bind it: echo ${gpu.address} > /sys/bus/pci/drivers/nvidia/bind`,
    };
  return {
    device: gpu.address,
    reason: `nvidia-vgpud has published no vGPU types on ${formatGpu(gpu)}`,
    hint: "systemctl restart nvidia-vgpud publishes them; its journal says why if not",
  };
}
