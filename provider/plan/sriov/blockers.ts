import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { formatGpu, formatProcess } from "../format";
import type { Claim, DriverGoal, SriovGoal, VgpuGoal } from "../goal";
import { driverBlocker, gpuDriverBlocker, migBlocker } from "../gpu/readiness";
import { vfBlocker } from "../gpu/vf-support";
import { isReady, virtualFunctions } from "../gpu/vfs";
import { howToStop } from "../how-to-stop";
import type { BlockerReason } from "../plan";
import { isFree, usedReason } from "../use";
import { isOfInstance } from "../vgpu/record";
import { siblingWith } from "../vgpu/siblings";
import { formatVgpu, recordOf } from "../vgpu/vgpu";

/** Why the host lets no VF of these GPUs come to offer types; null also when they do already. */
export function hostBlockers(facts: HostFacts, gpus: Gpu[]): BlockerReason | null {
  const waiting = gpus.filter((gpu) => !isReady(gpu));
  if (!waiting.length) return null;
  return driverBlocker(facts) ?? (waiting.every(gpuBlocker) ? null : iommuBlocker(facts));
}

/** Why no VF of this GPU can, whoever uses what. */
export const gpuBlocker = (gpu: Gpu): BlockerReason | null =>
  vfBlocker(gpu) ?? gpuDriverBlocker(gpu) ?? migBlocker(gpu);

/** B29: VFs would be made all the same, and get no driver. */
function iommuBlocker({ system: { iommu } }: HostFacts): BlockerReason | null {
  if (iommu.active) return null;
  return {
    reason: "the IOMMU is off, and without it the driver takes no virtual function",
    hint: iommu.inFirmware
      ? "Turn it on with VgpuManagerInstall's iommu, or on the kernel command line"
      : "Turn VT-d or AMD-Vi on in the firmware",
  };
}

/** What keeps sriov-manage from taking the GPU now. */
export function cycleBlockers(facts: HostFacts, gpu: Gpu, goal: SriovGoal): BlockerReason[] {
  const tool = sriovManageBlocker(facts);
  return [...(tool ? [tool] : []), ...usersLostByVfCycle(facts, gpu, goal), ...gpuHolders(facts, gpu)];
}

function sriovManageBlocker({ driver, boot, system }: HostFacts): BlockerReason | null {
  if (!driver.sriovManage)
    return { reason: "/usr/lib/nvidia/sriov-manage is missing", hint: "Install the vGPU Manager again" };
  const running = boot.kernels.find(({ version }) => version === boot.kernel);
  // B41
  if (running && !running.pciPfStub)
    return {
      reason: `the running kernel ${boot.kernel} has no pci-pf-stub, which sriov-manage needs`,
      hint: `Install linux-modules-extra-${boot.kernel}, or the kernel's full set of modules`,
    };
  if (!system.tools.lspci) return { reason: "lspci is missing, which sriov-manage needs", hint: "Install pciutils" };
  return null;
}

/**
 * Who would lose something with the VFs of this GPU: users of VFs and vGPUs, and whoever made vGPUs that are not ours (B38, B47). What
 * our stack adopted is ours here: its layout, which stands on this, puts it back in the same run, or has given it back before.
 */
export function usersLostByVfCycle(facts: HostFacts, gpu: Gpu, goal: DriverGoal | SriovGoal): BlockerReason[] {
  const vgpus = facts.vgpus.filter((vgpu) => vgpu.gpu === gpu.address);
  const carriers = vgpus.map((vgpu) => vgpu.function);
  const bare = virtualFunctions(gpu).filter(({ address }) => !carriers.includes(address));
  return [
    ...bare.flatMap(({ address, users }) => inUse(address, `the virtual function ${address}`, users)),
    ...vgpus.flatMap((vgpu) => inUse(vgpu.function, formatVgpu(vgpu), vgpu.users)),
    ...vgpus.filter(({ users }) => isFree(users)).flatMap((vgpu) => notOurs(vgpu, recordOf(facts, vgpu)?.owner, goal)),
  ];
}

function inUse(device: string, name: string, users: Vgpu["users"]): BlockerReason[] {
  if (isFree(users)) return [];
  return [{ device, ...usedReason(name, users, "Shut the guest down and take the device out of its definition") }];
}

/** vGPUs of our own stack that nobody removes in the same plan: with the `base` that they need they would be gone for good. */
export function vgpusToKeep(
  facts: HostFacts,
  gpu: Gpu,
  { owner }: Claim,
  cards: readonly VgpuGoal[],
  base: string,
): BlockerReason[] {
  const isLeaving = (record: VgpuRecord) =>
    cards.some(
      ({ claim, desired, obsolete }) =>
        obsolete.some(({ uuid }) => uuid === record.uuid) || (desired.length === 0 && isOfInstance(claim, record)),
    );
  return facts.vgpus
    .filter((vgpu) => vgpu.gpu === gpu.address && isFree(vgpu.users))
    .flatMap((vgpu) => {
      const record = recordOf(facts, vgpu);
      if (record?.owner !== owner || isLeaving(record)) return [];
      const { resource } = record;
      const reason = `${formatVgpu(vgpu)}${resource ? `, which ${resource} has,` : ""} would be lost`;
      const next = `Remove that resource first, or keep ${base} with onDelete: "keep"`;
      // The vGPUs of a create whose process was killed belong to a resource that no state has.
      const unknown = resource
        ? `. If the stack has no ${resource}, its creation was cut short: declare it for one more up, then remove it`
        : "";
      return [{ device: vgpu.function, reason, hint: next + unknown }];
    });
}

function notOurs(vgpu: Vgpu, maker: string | undefined, goal: DriverGoal | SriovGoal): BlockerReason[] {
  if (maker === goal.claim.owner) return [];
  const sibling = maker === undefined ? siblingWith(goal, vgpu) : undefined;
  if (sibling) {
    const reason = `${formatVgpu(vgpu)}, which ${sibling.resource} has, is not recorded on the host and would be lost`;
    return [
      {
        device: vgpu.function,
        reason,
        hint: `To have it recorded, run: pulumi up --refresh --target '${sibling.urn}'`,
      },
    ];
  }
  const hint =
    maker === undefined
      ? "Remove it if nobody needs it"
      : "Remove it with the program of that stack if nobody needs it";
  return [
    {
      device: vgpu.function,
      reason: `${formatVgpu(vgpu)} was made by ${maker ?? "somebody else"} and would be lost`,
      hint,
    },
  ];
}

/**
 * Processes that keep sriov-manage from taking the GPU (B34). nvidia-vgpu-mgr does not: it belongs to the driver. A single
 * nvidia-smi is gone in a moment.
 */
export function gpuHolders(facts: HostFacts, gpu: Gpu): BlockerReason[] {
  if (gpu.deviceNode === null) return [];
  if (!isKnown(facts.holders)) {
    const reason = `who has ${formatGpu(gpu)} open could not be read: ${facts.holders.unknown}`;
    return [{ device: gpu.address, reason, hint: "Log in as root, or with sudo" }];
  }
  return facts.holders
    .filter(
      ({ device, process }) =>
        device === gpu.deviceNode && process.unit !== "nvidia-vgpu-mgr.service" && !passing.includes(process.command),
    )
    .map(({ process }) => ({
      device: gpu.address,
      reason: `${formatProcess(process)} holds ${formatGpu(gpu)} open, so sriov-manage cannot take it`,
      hint: `${howToStop(process)} while this runs`,
    }));
}

const passing = ["nvidia-vgpu-mgr", "nvidia-smi"];
