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
import { findKernel } from "./driver-state";

/** What stands in the way of the installer, so that it is said before anything is done instead of read in its log. */
export function installBlockers(
  facts: HostFacts,
  goal: DriverGoal,
  desired: DriverVersion,
  kernelVersion: string,
): Plan {
  return mergePlans(
    otherPackageBlockers(facts, goal),
    packagingBlockers(goal),
    secureBootBlockers(facts, goal),
    kernelConfigBlockers(facts, goal, desired, kernelVersion),
    diskSpaceBlockers(facts, goal),
    gpuBlockers(facts, goal, desired),
  );
}

/** So far the .run is installed. Another packaging gets a function of its own here, and its steps in install.ts. */
function packagingBlockers({ key, packageOnHost }: DriverGoal): Plan {
  const { packaging, file } = parseDriverPackage(packageOnHost!);
  if (packaging === "run") return emptyPlan();
  return planBuilder(key).blocked(
    `${file} is a .${packaging}, which this cannot install yet`,
    "Give it the .run of the same version, or install the package yourself: a version that is there is adopted.",
  );
}

/** The .run refuses to be laid over a driver of the distribution's package manager (B07). */
function otherPackageBlockers({ driver }: HostFacts, { key }: DriverGoal): Plan {
  const owners = driver.packages.filter(({ installed, name }) => installed && isDriverPackage(name));
  if (!owners.length) return emptyPlan();
  const names = owners.map(({ name }) => name);
  const remove = owners[0]!.kind === "deb" ? "apt purge" : "rpm -e";
  return planBuilder(key).blocked(
    `a driver is installed as ${owners[0]!.kind}, over which the .run does not install: ${enumerate(names)}`,
    `Remove it first: ${remove} ${names.join(" ")}.`,
  );
}

export const isDriverPackage = (name: string) =>
  /^(nvidia-vgpu-(ubuntu|kvm|sles|rhel)|NVIDIA-vGPU-|(kmod-)?nvidia-(driver|kernel|dkms|open|headless))/.test(name);

/** Unsigned modules would be built, and refused with "Required key not available" (B08). */
function secureBootBlockers({ system }: HostFacts, { key }: DriverGoal): Plan {
  if (!isKnown(system.secureBoot) || !system.secureBoot) return emptyPlan();
  return planBuilder(key).blocked(
    "Secure Boot is on, and the kernel does not load modules that an installer built without a key",
    "Turn Secure Boot off in the firmware's set-up, or install it with signed modules yourself: it is adopted then.",
  );
}

/** mdev until R535; from R550 on vfio-pci-core will do (B03). */
function kernelConfigBlockers(
  { boot }: HostFacts,
  { key }: DriverGoal,
  desired: DriverVersion,
  kernelVersion: string,
): Plan {
  const found = findKernel(kernelVersion, boot.kernels);
  const old = branchOf(desired) < 550;
  if (!found || found.mdev || (!old && found.vfioPciCore)) return emptyPlan();
  return planBuilder(key).blocked(
    `the kernel ${kernelVersion} has no mdev${old ? "" : " and no vfio-pci-core"}, without which ${desired} is not installed`,
    old
      ? "Boot a kernel with CONFIG_VFIO_MDEV, or take a branch from 550 on."
      : "Boot a kernel with CONFIG_VFIO_PCI_CORE.",
  );
}

function gpuBlockers({ gpus }: HostFacts, { key }: DriverGoal, desired: DriverVersion): Plan {
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
      .filter(({ deviceId }) => branchOf(desired) >= 580 && isBeforeTuring(deviceId))
      .map(({ address: device, model }) =>
        noted(
          `${device} (${model ?? "an older card"}) is of a generation that R580 dropped; ${desired} will not drive it.`,
          {
            device,
          },
        ),
      ),
  );
}

/** PCI ids of Maxwell, Pascal and Volta are smaller than those of Turing, which begin with 1e00. */
const isBeforeTuring = (deviceId: string) => parseInt(deviceId, 16) < 0x1e00;
