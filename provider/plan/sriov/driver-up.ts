import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { gpuInWords } from "../in-words";
import type { Obstacle } from "../obstacle";

const installFirst = "VgpuManagerInstall comes first";

/** Why this host makes no vGPUs on any GPU: the fourth of the causes that leave /sys/class/mdev_bus missing. */
export function whyDriverNotUp({ driver }: HostFacts): Obstacle | null {
  // B101: nvidia-smi works with it, and there will never be a vGPU.
  if (driver.flavour === "data-centre")
    return {
      seen: "NVIDIA's data-centre driver is installed, which makes no vGPUs, instead of the vGPU Manager",
      next: installFirst,
    };
  if (driver.flavour === "none") return { seen: "no vGPU Manager is installed", next: installFirst };
  if (driver.loaded === null)
    return { seen: "the vGPU Manager is installed, but its driver is not loaded", next: "Reboot the host" };
  const manager = isKnown(driver.services) && driver.services.find(({ name }) => name === "nvidia-vgpu-mgr.service");
  if (manager && manager.active === "failed")
    return {
      seen: "nvidia-vgpu-mgr has failed",
      next: "journalctl -u nvidia-vgpu-mgr says why; then systemctl restart nvidia-vgpu-mgr",
    };
  return null;
}

/** Why the driver does nothing with this GPU, or never makes a vGPU on it; null also when it only waits for its driver. */
export function whyNotDriven(gpu: Gpu): Obstacle | null {
  const device = gpu.address;
  const name = gpuInWords(gpu);
  if (gpu.driver === "vfio-pci")
    return {
      device,
      seen: `${name} is bound to vfio-pci, for passing it through whole`,
      next: "Bind it to nvidia, or leave it out",
    };
  if (gpu.driver !== null && gpu.driver !== "nvidia" && gpu.driver !== "pci-pf-stub")
    return { device, seen: `${name} is bound to ${gpu.driver} instead of nvidia`, next: installFirst };
  // B19: final, however often it is tried.
  if (isKnown(gpu.refused) && gpu.refused)
    return { device, seen: `nvidia-vgpud refuses ${name}: ${gpu.refused}`, next: "vGPU does not support this GPU: leave it out" };
  return null;
}

/** Until MIG is built, a card with it is nobody's to touch: an SR-IOV cycle takes its GPU instances (B37). */
export function whyMigForbids(gpu: Gpu): Obstacle | null {
  const device = gpu.address;
  if (!isKnown(gpu.mig))
    return gpu.driver === "nvidia"
      ? {
          device,
          seen: `whether ${gpuInWords(gpu)} is in MIG mode could not be read: ${gpu.mig.unknown}`,
          next: "See what nvidia-smi -q says",
        }
      : null;
  if (!gpu.mig?.current && !gpu.mig?.pending) return null;
  return {
    device,
    seen: `${gpuInWords(gpu)} ${gpu.mig.current ? "is in MIG mode" : "goes into MIG mode at its next reset"}, which is not supported yet`,
    next: `Turn it off with nvidia-smi -i ${device} -mig 0, or leave this GPU out`,
  };
}
