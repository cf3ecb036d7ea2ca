import { parseDriverPackage } from "../../model/driver-package";
import type { DriverVersion } from "../../model/driver-version";
import { branchOf } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { enumerate } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { diskSpaceBlockers } from "./disk-space";
import { kernel } from "./driver-state";

/** What stands in the way of the installer, so that it is said before anything is done instead of read in its log. */
export function installBlockers(facts: HostFacts, goal: DriverGoal, wanted: DriverVersion, onKernel: string): Plan {
  return mergePlans(
    packagedOtherwise(facts, goal),
    packagingOf(goal),
    secureBoot(facts, goal),
    kernelOptions(facts, goal, wanted, onKernel),
    diskSpaceBlockers(facts, goal),
    cards(facts, goal, wanted),
  );
}

/** So far the .run is installed. Another packaging gets a function of its own here, and its steps in install.ts. */
function packagingOf({ key, packageOnHost }: DriverGoal): Plan {
  const { packaging, file } = parseDriverPackage(packageOnHost!);
  if (packaging === "run") return emptyPlan();
  return planBuilder(key).blocked(
    `${file} is a .${packaging}, which this cannot install yet`,
    "Give it the .run of the same version, or install the package yourself: a version that is there is adopted.",
  );
}

/** The .run refuses to be laid over a driver of the distribution's package manager (B07). */
function packagedOtherwise({ driver }: HostFacts, { key }: DriverGoal): Plan {
  const owners = driver.packages.filter(({ installed, name }) => installed && isDriver(name));
  if (!owners.length) return emptyPlan();
  const names = owners.map(({ name }) => name);
  const remove = owners[0]!.kind === "deb" ? "apt purge" : "rpm -e";
  return planBuilder(key).blocked(
    `a driver is installed as ${owners[0]!.kind}, over which the .run does not install: ${enumerate(names)}`,
    `Remove it first: ${remove} ${names.join(" ")}.`,
  );
}

export const isDriver = (name: string) =>
  /^(nvidia-vgpu-(ubuntu|kvm|sles|rhel)|NVIDIA-vGPU-|(kmod-)?nvidia-(driver|kernel|dkms|open|headless))/.test(name);

/** Unsigned modules would be built, and refused with "Required key not available" (B08). */
function secureBoot({ system }: HostFacts, { key }: DriverGoal): Plan {
  if (!isKnown(system.secureBoot) || !system.secureBoot) return emptyPlan();
  return planBuilder(key).blocked(
    "Secure Boot is on, and the kernel does not load modules that an installer built without a key",
    "Turn Secure Boot off in the firmware's set-up, or install it with signed modules yourself: it is adopted then.",
  );
}

/** mdev until R535; from R550 on vfio-pci-core will do (B03). */
function kernelOptions({ boot }: HostFacts, { key }: DriverGoal, wanted: DriverVersion, version: string): Plan {
  const found = kernel(version, boot.kernels);
  const old = branchOf(wanted) < 550;
  if (!found || found.mdev || (!old && found.vfioPciCore)) return emptyPlan();
  return planBuilder(key).blocked(
    `the kernel ${version} has no mdev${old ? "" : " and no vfio-pci-core"}, without which ${wanted} is not installed`,
    old
      ? "Boot a kernel with CONFIG_VFIO_MDEV, or take a branch from 550 on."
      : "Boot a kernel with CONFIG_VFIO_PCI_CORE.",
  );
}

function cards({ gpus }: HostFacts, { key }: DriverGoal, wanted: DriverVersion): Plan {
  const { blocked, noted } = planBuilder(key);
  if (!gpus.length)
    return blocked("the host shows no NVIDIA GPU", "Put one in, or look with lspci whether the machine sees it.");
  const passedThrough = gpus.filter(({ driver }) => driver === "vfio-pci");
  // Without any GPU the module nvidia-vgpu-vfio does not load, and the installation fails (B13).
  if (passedThrough.length === gpus.length)
    return blocked(
      `every GPU is bound to vfio-pci: ${passedThrough.map(({ address }) => address).join(", ")}`,
      "Take the GPUs that are to carry vGPUs out of the configuration that passes them through, and reboot.",
    );
  return mergePlans(
    ...passedThrough.map(({ address: device }) =>
      noted(`${device} is bound to vfio-pci and stays so; the driver will not see it.`, { device }),
    ),
    ...gpus
      .filter(({ deviceId }) => branchOf(wanted) >= 580 && isBeforeTuring(deviceId))
      .map(({ address: device, model }) =>
        noted(
          `${device} (${model ?? "an older card"}) is of a generation that R580 dropped; ${wanted} will not drive it.`,
          {
            device,
          },
        ),
      ),
  );
}

/** PCI ids of Maxwell, Pascal and Volta are smaller than those of Turing, which begin with 1e00. */
const isBeforeTuring = (deviceId: string) => parseInt(deviceId, 16) < 0x1e00;
