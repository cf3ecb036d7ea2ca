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

/** Returns what would make the installer fail, so that it is reported before anything is changed. */
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

/** Only the .run file is supported so far. Steps for another packaging belong in install.ts. */
function packagingBlockers({ key, packageOnHost }: DriverGoal): Plan {
  const { packaging, file } = parseDriverPackage(packageOnHost!);
  if (packaging === "run") return emptyPlan();
  return planBuilder(key).blocked(
    `${file} is a .${packaging}, which is not supported yet`,
    "Use the .run file of the same version, or install the package yourself: an installed version is adopted.",
  );
}

/** The .run file does not install over a driver of the distribution's package manager (B07). */
function otherPackageBlockers({ driver }: HostFacts, { key }: DriverGoal): Plan {
  const owners = driver.packages.filter(({ installed, name }) => installed && isDriverPackage(name));
  if (!owners.length) return emptyPlan();
  const names = owners.map(({ name }) => name);
  const remove = owners[0]!.kind === "deb" ? "apt purge" : "rpm -e";
  return planBuilder(key).blocked(
    `a driver is installed as a ${owners[0]!.kind} package, and the .run file does not install over it: ${enumerate(names)}`,
    `Remove it first: ${remove} ${names.join(" ")}.`,
  );
}

const isDriverPackage = (name: string) =>
  /^(nvidia-vgpu-(ubuntu|kvm|sles|rhel)|NVIDIA-vGPU-|(kmod-)?nvidia-(driver|kernel|dkms|open|headless))/.test(name);

/** The kernel refuses unsigned modules with "Required key not available" (B08). */
function secureBootBlockers({ system }: HostFacts, { key }: DriverGoal): Plan {
  if (!isKnown(system.secureBoot) || !system.secureBoot) return emptyPlan();
  return planBuilder(key).blocked(
    "Secure Boot is on, and the kernel does not load modules that an installer built without a key",
    "Turn off Secure Boot in the firmware setup, or install the driver with signed modules yourself: it is then adopted.",
  );
}

/** Branches up to R535 need mdev; from R550 on vfio-pci-core is enough (B03). */
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
    `the kernel ${kernelVersion} has no mdev${old ? "" : " and no vfio-pci-core"}, which ${desired} requires`,
    old
      ? "Boot a kernel with CONFIG_VFIO_MDEV, or use branch 550 or newer."
      : "Boot a kernel with CONFIG_VFIO_PCI_CORE.",
  );
}

function gpuBlockers({ gpus }: HostFacts, { key }: DriverGoal, desired: DriverVersion): Plan {
  const { blocked, noted } = planBuilder(key);
  if (!gpus.length)
    return blocked("the host has no NVIDIA GPU", "Install one, or check with lspci whether the machine detects it.");
  const passedThrough = gpus.filter(({ driver }) => driver === "vfio-pci");
  // Without a GPU the module nvidia-vgpu-vfio does not load, and the installation fails (B13).
  if (passedThrough.length === gpus.length)
    return blocked(
      `every GPU is bound to vfio-pci: ${passedThrough.map(({ address }) => address).join(", ")}`,
      "Remove the GPUs that should have vGPUs from the passthrough configuration, and reboot.",
    );
  return mergePlans(
    ...passedThrough.map(({ address: device }) =>
      noted(`${device} is bound to vfio-pci and stays bound; the driver will not use it.`, { device }),
    ),
    ...gpus
      .filter(({ deviceId }) => branchOf(desired) >= 580 && isBeforeTuring(deviceId))
      .map(({ address: device, model }) =>
        noted(
          `${device} (${model ?? "an older GPU"}) is of a generation that R580 no longer supports; ${desired} will not work with it.`,
          {
            device,
          },
        ),
      ),
  );
}

/** PCI ids of Maxwell, Pascal and Volta are smaller than those of Turing, which start at 1e00. */
const isBeforeTuring = (deviceId: string) => parseInt(deviceId, 16) < 0x1e00;
