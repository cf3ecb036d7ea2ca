import type { DriverVersion } from "../../model/driver-version";
import type { InstalledKernel } from "../../model/facts/boot";
import type { Service } from "../../model/facts/driver";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";

/** Returns why the vGPU Manager of this version has to be installed; null if it is installed, loaded or not. */
export function installReason(facts: HostFacts, desired: DriverVersion): string | null {
  const { driver, boot } = facts;
  if (driver.flavour === "none") return "no NVIDIA driver is installed";
  const installed = isKnown(driver.onDisk) ? driver.onDisk : driver.loaded;
  if (driver.flavour === "data-centre")
    return `NVIDIA's data-centre driver ${driver.loaded ?? installed} is installed, which does not support vGPUs`;
  if (installed === null) return `the kernel ${boot.kernel} has no NVIDIA module`;
  if (installed !== desired) {
    const runs =
      driver.loaded === desired ? ", which runs until the next boot" : isOnDiskOnly(facts) ? ", and is not loaded" : "";
    return `${installed} is installed instead of ${desired}${runs}`;
  }
  const missing = missingParts(facts);
  return missing.length ? `${desired} is installed without ${missing.join(", ")}` : null;
}

/** Returns whether the vGPU Manager is installed but not loaded, for example after an interrupted change of the driver. */
export const isOnDiskOnly = ({ driver: { flavour, loaded, onDisk } }: HostFacts): boolean =>
  flavour === "vgpu-manager" && loaded === null && isKnown(onDisk) && onDisk !== null;

/** Returns missing parts of the vGPU Manager. Installer options and accidents leave each of them out (B12). */
function missingParts({ driver, boot, system }: HostFacts): string[] {
  const running = findKernel(boot.kernel, boot.kernels);
  return [
    ...(running && !running.vgpuVfio ? ["the module nvidia-vgpu-vfio"] : []),
    ...(system.tools["nvidia-smi"] ? [] : ["nvidia-smi"]),
    ...(driver.sriovManage ? [] : ["sriov-manage"]),
    ...(isKnown(driver.services) && !driver.services.some(isService("nvidia-vgpu-mgr"))
      ? ["the service nvidia-vgpu-mgr"]
      : []),
  ];
}

const isService = (name: string) => (service: Service) => service.name === `${name}.service` && service.present;

/** Returns a service that exists; undefined also if systemd printed nothing. */
export const serviceOf = ({ driver }: HostFacts, name: string): Service | undefined =>
  isKnown(driver.services) ? driver.services.find(isService(name)) : undefined;

export const findKernel = (version: string, kernels: readonly InstalledKernel[]) =>
  kernels.find((one) => one.version === version);

/** Returns the kernel that boots next, if it is known and another one. */
export function otherNextKernel({ boot }: HostFacts): string | null {
  return isKnown(boot.next.kernel) && boot.next.kernel !== boot.kernel ? boot.next.kernel : null;
}

export const isLoaded = ({ driver }: HostFacts, module: string) => driver.modules.some(({ name }) => name === module);

/** Returns NVIDIA's own modules that are loaded now. */
export const nvidiaModules = ({ driver }: HostFacts) =>
  driver.modules.filter(({ name }) => /^nv(idia|_peer_mem)/.test(name));
