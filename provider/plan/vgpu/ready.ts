import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { gpuInWords } from "../in-words";
import type { Obstacle } from "../obstacle";
import { takesVfs, whyNoVfs } from "../sriov/carrier";
import { whyDriverNotUp, whyMigForbids, whyNotDriven } from "../sriov/driver-up";
import { vfsState } from "../sriov/vfs";

/** Why no vGPU can be made on this card, whichever; named after the causes that leave /sys/class/mdev_bus missing. */
export function whyNotReady(facts: HostFacts, gpu: Gpu): Obstacle | null {
  return (
    whyDriverNotUp(facts) ??
    whyNotDriven(gpu) ??
    whyMigForbids(gpu) ??
    (takesVfs(gpu) ? whyVfsOfferNothing(gpu) : whyGpuOffersNothing(gpu))
  );
}

function whyVfsOfferNothing(gpu: Gpu): Obstacle | null {
  if (gpu.framework !== null) return null;
  const never = whyNoVfs(gpu);
  if (never) return never;
  return {
    device: gpu.address,
    seen: `${gpuInWords(gpu)} makes vGPUs on virtual functions only, and ${vfsState(gpu).seen}`,
    next: "SriovEnablement comes first",
  };
}

function whyGpuOffersNothing(gpu: Gpu): Obstacle | null {
  if (gpu.framework !== null) return null;
  if (gpu.driver === null)
    return {
      device: gpu.address,
      seen: `${gpuInWords(gpu)} has no driver`,
      next: `Bind it: echo ${gpu.address} > /sys/bus/pci/drivers/nvidia/bind`,
    };
  return {
    device: gpu.address,
    seen: `nvidia-vgpud has published no vGPU types on ${gpuInWords(gpu)}`,
    next: "systemctl restart nvidia-vgpud publishes them; its journal says why if not",
  };
}
