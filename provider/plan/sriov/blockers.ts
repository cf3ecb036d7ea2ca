import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { isFromContainer } from "../driver/container-driver";
import { familyOf } from "../families";
import { formatGpu, formatProcess } from "../format";
import type { Claim, Goal, VgpuGoal } from "../goal";
import { driverBlocker, gpuDriverBlocker, migBlocker } from "../gpu/readiness";
import { vfBlocker } from "../gpu/vf-support";
import { isReady, virtualFunctions } from "../gpu/vfs";
import { howToStop } from "../how-to-stop";
import type { BlockerReason } from "../plan";
import { becomeRoot, isInUse, usedReason } from "../use";
import { isOfInstance, siblingWith } from "../vgpu/ownership";
import { formatVgpu, recordOf } from "../vgpu/vgpu";

/** Returns why the host keeps all VFs of these GPUs from offering types; null also if they offer them already. */
export function hostBlocker(facts: HostFacts, gpus: Gpu[]): BlockerReason | null {
  const pending = gpus.filter((gpu) => !isReady(gpu));
  if (!pending.length) return null;
  return driverBlocker(facts) ?? (pending.every(gpuBlocker) ? null : iommuBlocker(facts));
}

/** Returns why no VF of this GPU can offer types, whoever uses it. */
export const gpuBlocker = (gpu: Gpu): BlockerReason | null =>
  vfBlocker(gpu) ?? gpuDriverBlocker(gpu) ?? migBlocker(gpu);

/** B29: VFs would be created nevertheless, and get no driver. */
function iommuBlocker({ system: { iommu } }: HostFacts): BlockerReason | null {
  if (iommu.active) return null;
  return {
    reason: "the IOMMU is off, and without it the driver takes no virtual function",
    hint: iommu.inFirmware
      ? "Turn it on with VgpuManagerInstall's iommu, or on the kernel command line"
      : "Turn VT-d or AMD-Vi on in the firmware",
  };
}

/** Returns what keeps sriov-manage from disabling or enabling the VFs of the GPU now. */
export function cycleBlockers(facts: HostFacts, gpu: Gpu, goal: Goal): BlockerReason[] {
  const unusable = sriovManageBlocker(facts);
  return [...(unusable ? [unusable] : []), ...usersLostByVfCycle(facts, gpu, goal), ...gpuHolders(facts, gpu)];
}

function sriovManageBlocker(facts: HostFacts): BlockerReason | null {
  const { driver, boot, system } = facts;
  const add = system.image ? "Add" : "Install";
  if (!driver.sriovManage)
    return {
      reason: "/usr/lib/nvidia/sriov-manage is missing",
      hint: isFromContainer(facts)
        ? "A container loaded the driver: run sriov-manage there"
        : "Install the vGPU Manager again",
    };
  const running = boot.kernels.find(({ version }) => version === boot.kernel);
  // B41
  if (running && !running.pciPfStub)
    return {
      reason: `the running kernel ${boot.kernel} has no pci-pf-stub, which sriov-manage needs`,
      hint: `${add} the kernel's full set of modules${extraModules(facts)}`,
    };
  if (!system.tools.lspci)
    return {
      reason: "lspci is missing, which sriov-manage needs",
      hint: `${add} pciutils${system.image ? " to the image" : ""}`,
    };
  return null;
}

/** Returns the packages that have the module, where they are known. */
function extraModules({ system, boot }: HostFacts): string {
  if (system.image) return " to the image";
  const family = familyOf(system.os);
  const packages = isKnown(family) ? (family.packages.pciPfStub?.(boot.kernel) ?? []) : [];
  return packages.length ? `: ${packages.join(" ")}` : "";
}

/**
 * Returns who would lose something with the VFs of this GPU: users of VFs and vGPUs, and owners of vGPUs of other stacks (B38, B47). What
 * this stack adopted counts as its own: its layout, which depends on the VFs, creates it again in the same run, or has released it before.
 */
export function usersLostByVfCycle(facts: HostFacts, gpu: Gpu, goal: Goal): BlockerReason[] {
  const vgpus = facts.vgpus.filter((vgpu) => vgpu.gpu === gpu.address);
  const occupied = vgpus.map((vgpu) => vgpu.function);
  const empty = virtualFunctions(gpu).filter(({ address }) => !occupied.includes(address));
  return [
    ...empty.flatMap(({ address, users }) => userBlocker(address, `the virtual function ${address}`, users)),
    ...vgpus.flatMap((vgpu) => userBlocker(vgpu.function, formatVgpu(vgpu), vgpu.users)),
    ...vgpus
      .filter(({ users }) => !isInUse(users))
      .flatMap((vgpu) => otherOwnerBlocker(vgpu, recordOf(facts, vgpu)?.owner, goal)),
  ];
}

function userBlocker(device: string, name: string, users: Vgpu["users"]): BlockerReason[] {
  if (!isInUse(users)) return [];
  return [{ device, ...usedReason(name, users, "Shut the guest down and take the device out of its definition") }];
}

/** Returns vGPUs of this stack that the same plan does not remove: they would be lost for good with the `base` that they need. */
export function vgpusToKeep(
  facts: HostFacts,
  gpu: Gpu,
  { owner }: Claim,
  vgpuGoals: readonly VgpuGoal[],
  base: string,
): BlockerReason[] {
  const isObsolete = (record: VgpuRecord) =>
    vgpuGoals.some(
      ({ claim, desired, obsolete }) =>
        obsolete.some(({ uuid }) => uuid === record.uuid) || (desired.length === 0 && isOfInstance(claim, record)),
    );
  return facts.vgpus
    .filter((vgpu) => vgpu.gpu === gpu.address && !isInUse(vgpu.users))
    .flatMap((vgpu) => {
      const record = recordOf(facts, vgpu);
      if (record?.owner !== owner || isObsolete(record)) return [];
      const { resource } = record;
      const reason = `${formatVgpu(vgpu)}${resource ? `, which ${resource} has,` : ""} would be lost`;
      const hint = `Remove that resource first, or keep ${base} with onDelete: "keep"`;
      // If the process of a create was killed, no state has its resource.
      const interrupted = resource
        ? `. If the stack has no ${resource}, its creation was interrupted: declare it for one more up, then remove it`
        : "";
      return [{ device: vgpu.function, reason, hint: hint + interrupted }];
    });
}

function otherOwnerBlocker(vgpu: Vgpu, owner: string | undefined, goal: Goal): BlockerReason[] {
  if (owner === goal.claim.owner) return [];
  const sibling = owner === undefined ? siblingWith(goal, vgpu) : undefined;
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
    owner === undefined
      ? "Remove it if it is not needed"
      : "Remove it with the program of that stack if it is not needed";
  return [
    {
      device: vgpu.function,
      reason: `${formatVgpu(vgpu)} ${owner === undefined ? "is unmanaged" : `was created by ${owner}`} and would be lost`,
      hint,
    },
  ];
}

/**
 * Returns processes that keep sriov-manage from unbinding the GPU (B34). nvidia-vgpu-mgr does not: it belongs to the driver. A single
 * nvidia-smi ends in a moment.
 */
export function gpuHolders(
  facts: HostFacts,
  gpu: Gpu,
  consequence = "sriov-manage cannot unbind it",
  ignoredUnits: readonly string[] = [],
): BlockerReason[] {
  if (gpu.deviceNode === null) return [];
  if (!isKnown(facts.holders)) {
    const reason = `who has ${formatGpu(gpu)} open could not be read: ${facts.holders.unknown}`;
    return [{ device: gpu.address, reason, hint: becomeRoot }];
  }
  return facts.holders
    .filter(
      ({ device, process }) =>
        device === gpu.deviceNode &&
        !["nvidia-vgpu-mgr.service", ...ignoredUnits].includes(process.unit ?? "") &&
        !ignoredHolders.includes(process.command),
    )
    .map(({ process }) => ({
      device: gpu.address,
      reason: `${formatProcess(process)} holds ${formatGpu(gpu)} open, so ${consequence}`,
      hint: `${howToStop(process)} while this runs`,
    }));
}

const ignoredHolders = ["nvidia-vgpu-mgr", "nvidia-smi"];
