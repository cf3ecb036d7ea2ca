import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Unknown } from "../../model/unknown";
import { isKnown } from "../../model/unknown";
import { formatGpu } from "../format";
import type { BlockerReason } from "../plan";

const installFirst = "VgpuManagerInstall comes first";

/** No resource installs a driver in a system that is replaced as a whole. */
const howToInstall = ({ system: { image } }: HostFacts): string =>
  image ? "Add the vGPU Manager to the image of the host" : installFirst;

/** Returns why this host has no vGPUs on any GPU: the fourth of the causes that leave /sys/class/mdev_bus missing. */
export function driverBlocker(facts: HostFacts): BlockerReason | null {
  const { driver, system } = facts;
  // B101: nvidia-smi works with it, and no vGPU can be created.
  if (driver.flavour === "data-centre")
    return {
      reason: "NVIDIA's data-centre driver, which has no vGPUs, is installed instead of the vGPU Manager",
      hint: howToInstall(facts),
    };
  if (driver.flavour === "none") return { reason: "no vGPU Manager is installed", hint: howToInstall(facts) };
  if (driver.loaded === null)
    return {
      reason: "the vGPU Manager is installed, but its driver is not loaded",
      hint: system.image ? "Load it: modprobe nvidia-vgpu-vfio" : "Reboot the host",
    };
  const manager = isKnown(driver.services) && driver.services.find(({ name }) => name === "nvidia-vgpu-mgr.service");
  if (manager && manager.active === "failed")
    return {
      reason: "nvidia-vgpu-mgr has failed",
      hint: "journalctl -u nvidia-vgpu-mgr shows why; then systemctl restart nvidia-vgpu-mgr",
    };
  return null;
}

/** Returns why the driver cannot use this GPU, or never creates a vGPU on it; null also if only the driver is missing. */
export function gpuDriverBlocker(gpu: Gpu): BlockerReason | null {
  const device = gpu.address;
  const name = formatGpu(gpu);
  if (gpu.driver === "vfio-pci")
    return {
      device,
      reason: `${name} is bound to vfio-pci, for passing it through whole`,
      hint: "Bind it to nvidia, or do not declare it",
    };
  if (gpu.driver !== null && gpu.driver !== "nvidia" && gpu.driver !== "pci-pf-stub")
    return { device, reason: `${name} is bound to ${gpu.driver} instead of nvidia`, hint: installFirst };
  // B19: final, however often it is tried.
  if (isKnown(gpu.refused) && gpu.refused)
    return {
      device,
      reason: `nvidia-vgpud refuses ${name}: ${gpu.refused}`,
      hint: "vGPU does not support this GPU: do not declare it",
    };
  return null;
}

/** Returns that MIG mode of this GPU could not be read. */
export const unreadMigBlocker = (gpu: Gpu, { unknown }: Unknown): BlockerReason => ({
  device: gpu.address,
  reason: `whether ${formatGpu(gpu)} is in MIG mode could not be read: ${unknown}`,
  hint: "Run nvidia-smi -q on the host",
});

/** Returns why it is open whether this GPU is in MIG mode, on which VFs and vGPUs depend. */
export function migBlocker(gpu: Gpu): BlockerReason | null {
  const device = gpu.address;
  if (!isKnown(gpu.mig)) return gpu.driver === "nvidia" ? unreadMigBlocker(gpu, gpu.mig) : null;
  if (!gpu.mig || gpu.mig.current === gpu.mig.pending) return null;
  return {
    device,
    reason: `${formatGpu(gpu)} ${gpu.mig.pending ? "goes into" : "leaves"} MIG mode at its next reset`,
    hint: "MigEnablement settles its mode; or reboot the host",
  };
}

/** Returns whether vGPUs of this GPU are on GPU instances. */
export const isInMigMode = ({ mig }: Gpu): boolean => isKnown(mig) && mig?.current === true;

/** GA100, in A100, A30 and A800, keeps MIG mode without its driver; all others lose it with the module (B135). */
export const keepsMigMode = ({ deviceId }: Gpu): boolean => deviceId.startsWith("20");
