import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { formatGpu } from "../format";
import type { VgpuGoal } from "../goal";
import { driverBlocker, gpuDriverBlocker, migBlocker } from "../gpu/readiness";
import { usesVirtualFunctions, vfBlocker } from "../gpu/vf-support";
import { vfsState } from "../gpu/vfs";
import type { BlockerReason } from "../plan";
import { becomeRoot, isInUse, mayRun, usedReason } from "../use";
import type { Assignment } from "./assign";
import { isOwn, ownershipOf, unrecorded } from "./ownership";
import { releaseHint } from "./staying";
import { findVgpu, formatVgpu, recordOf, recordsOf } from "./vgpu";

/** Returns why no vGPU of any type can be created on this GPU: the causes that leave /sys/class/mdev_bus missing. */
export function readinessBlocker(facts: HostFacts, gpu: Gpu): BlockerReason | null {
  return (
    driverBlocker(facts) ??
    gpuDriverBlocker(gpu) ??
    migBlocker(gpu) ??
    (usesVirtualFunctions(gpu) ? vfOfferBlocker(gpu) : gpuOfferBlocker(facts, gpu))
  );
}

function vfOfferBlocker(gpu: Gpu): BlockerReason | null {
  if (gpu.framework !== null) return null;
  const unsupported = vfBlocker(gpu);
  if (unsupported) return unsupported;
  return {
    device: gpu.address,
    reason: `${formatGpu(gpu)} has vGPUs on virtual functions only, and ${vfsState(gpu).reason}`,
    hint: "SriovEnablement comes first",
  };
}

function gpuOfferBlocker({ driver }: HostFacts, gpu: Gpu): BlockerReason | null {
  if (gpu.framework !== null) return null;
  if (gpu.driver === null)
    return {
      device: gpu.address,
      reason: `${formatGpu(gpu)} has no driver`,
      hint: `Bind it: echo ${gpu.address} > /sys/bus/pci/drivers/nvidia/bind`,
    };
  return {
    device: gpu.address,
    reason: `nvidia-vgpud has published no vGPU types on ${formatGpu(gpu)}`,
    hint: isKnown(driver.services)
      ? "systemctl restart nvidia-vgpud publishes them; if not, its journal shows why"
      : "Run nvidia-vgpud on the host: it publishes them; if not, the log of the system shows why",
  };
}

/** Two programs with one UUID would replace each other's vGPU for ever. A vGPU that this package did not create is not replaced. */
export function ownerBlocker(
  facts: HostFacts,
  goal: VgpuGoal,
  { desired: { uuid }, conflicting }: Assignment,
): BlockerReason | null {
  const record = recordsOf(facts).find((one) => one.uuid === uuid) ?? (conflicting && recordOf(facts, conflicting));
  // The record of a lost vGPU reserves no UUID: the state of its stack may be lost too.
  const exists = conflicting !== null || findVgpu(facts, uuid) !== null;
  if (record && exists && !isOwn(goal, record) && !goal.takeOver?.includes(record.owner))
    return {
      device: uuid,
      reason: `${uuid} was created by ${record.owner}`,
      hint: `To take it over from that stack, give the resource takeOver: ["${record.owner}"]`,
    };
  const ownership = conflicting && ownershipOf(facts, goal, conflicting);
  if (!conflicting || (ownership !== "unmanaged" && ownership !== "adopted")) return null;
  return {
    device: uuid,
    reason: `${formatVgpu(conflicting)} is unmanaged`,
    hint: `Declare it as it is, and it is adopted; or set takeOver: ["${unrecorded}"]: then it is replaced`,
  };
}

/** Without records it is unknown which vGPUs this package created. */
export function recordsBlocker({ records }: HostFacts): BlockerReason[] {
  return isKnown(records)
    ? []
    : [
        {
          reason: `the records of earlier runs could not be read: ${records.unknown}`,
          hint: becomeRoot,
        },
      ];
}

export function duplicateBlockers(goal: VgpuGoal, others: readonly VgpuGoal[]): BlockerReason[] {
  const uuids = new Set(others.flatMap(({ desired }) => desired.map(({ uuid }) => uuid)));
  const duplicates = goal.desired.filter(({ uuid }) => uuids.has(uuid));
  return duplicates.map(({ uuid }) => ({
    device: uuid,
    reason: `${uuid} is declared twice`,
    hint: "Give each vGPU a UUID of its own",
  }));
}

/** Returns why a vGPU cannot be removed: a guest has it open, or is defined with it. */
export function inUseBlocker(vgpu: Vgpu): BlockerReason | null {
  if (!isInUse(vgpu.users)) return null;
  return usedBlocker(vgpu, "it cannot be removed", releaseHint);
}

/** Parameters are read when a guest starts, so those of a guest that is only defined can still change. */
export function parametersBlocker(vgpu: Vgpu): BlockerReason | null {
  if (!mayRun(vgpu.users)) return null;
  return usedBlocker(
    vgpu,
    "its parameters, which are read when a guest starts, cannot be changed",
    "Shut the guest down first",
  );
}

function usedBlocker(vgpu: Vgpu, consequence: string, hint: string): BlockerReason {
  const used = usedReason(formatVgpu(vgpu), vgpu.users, hint);
  return { device: vgpu.uuid ?? vgpu.function, ...used, reason: `${used.reason}, so ${consequence}` };
}
