import type { Vgpu } from "../../model/facts/vgpu";
import type { BlockerReason } from "../plan";
import { isInUse, usedReason } from "../use";
import { formatVgpu } from "./vgpu";

export const releaseHint = "Shut the guest down and take the vGPU out of its definition";

/** Returns that a vGPU stays where it is: because of its users, else with this advice. */
export const stayingReason = (vgpu: Vgpu, hint: string): Pick<BlockerReason, "reason" | "hint"> =>
  isInUse(vgpu.users)
    ? usedReason(formatVgpu(vgpu), vgpu.users, releaseHint)
    : { reason: `${formatVgpu(vgpu)} stays`, hint };
