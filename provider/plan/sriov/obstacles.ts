import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { SriovDesire } from "../desire";
import type { Obstacle } from "../obstacle";
import { whyNoVfs } from "./carrier";
import { whyDriverNotUp, whyMigForbids, whyNotDriven } from "./driver-up";
import { whatACycleTakes, whoHolds } from "./in-the-way";
import { isReady } from "./vfs";

/** Why the host lets no VF of these GPUs come to offer types; null also when they do already. */
export function whyNotHere(facts: HostFacts, gpus: Gpu[]): Obstacle | null {
  const waiting = gpus.filter((gpu) => !isReady(gpu));
  if (!waiting.length) return null;
  return whyDriverNotUp(facts) ?? (waiting.every(whyNotThis) ? null : whyIommuOff(facts));
}

/** Why no VF of this GPU can, whoever uses what. */
export const whyNotThis = (gpu: Gpu): Obstacle | null => whyNoVfs(gpu) ?? whyNotDriven(gpu) ?? whyMigForbids(gpu);

/** B29: VFs would be made all the same, and get no driver. */
function whyIommuOff({ system: { iommu } }: HostFacts): Obstacle | null {
  if (iommu.active) return null;
  return {
    seen: "the IOMMU is off, and without it the driver takes no virtual function",
    next: iommu.inFirmware
      ? "Turn it on with VgpuManagerInstall's iommu, or on the kernel command line"
      : "Turn VT-d or AMD-Vi on in the firmware",
  };
}

/** What keeps sriov-manage from taking the GPU now. */
export function whyNoCycle(facts: HostFacts, gpu: Gpu, desire: SriovDesire): Obstacle[] {
  const tool = whyToolFails(facts);
  return [...(tool ? [tool] : []), ...whatACycleTakes(facts, gpu, desire), ...whoHolds(facts, gpu)];
}

function whyToolFails({ driver, boot, system }: HostFacts): Obstacle | null {
  if (!driver.sriovManage) return { seen: "/usr/lib/nvidia/sriov-manage is missing", next: "Install the vGPU Manager again" };
  const running = boot.kernels.find(({ version }) => version === boot.kernel);
  // B41
  if (running && !running.pciPfStub)
    return {
      seen: `the running kernel ${boot.kernel} has no pci-pf-stub, which sriov-manage needs`,
      next: `Install linux-modules-extra-${boot.kernel}, or the kernel's full set of modules`,
    };
  if (!system.tools.lspci) return { seen: "lspci is missing, which sriov-manage needs", next: "Install pciutils" };
  return null;
}
