import type { Vgpu } from "../../model/facts/vgpu";
import type { Obstacle } from "../obstacle";
import { isFree, mayRun, whyUsed } from "../use";
import { vgpuInWords } from "./in-words";

export const isInUse = ({ users }: Vgpu): boolean => !isFree(users);

/** Why a vGPU cannot be taken away: a guest has it open, or is defined with it. */
export function whyKept(vgpu: Vgpu): Obstacle | null {
  if (!isInUse(vgpu)) return null;
  return used(vgpu, "it cannot be removed", "Shut the guest down and take the vGPU out of its definition");
}

/** Parameters are read when a guest starts, so one that is only defined may get others (domain of vgpu_params). */
export function whyParametersKept(vgpu: Vgpu): Obstacle | null {
  if (!mayRun(vgpu.users)) return null;
  return used(vgpu, "its parameters, which are read when a guest starts, cannot be changed", "Shut the guest down first");
}

function used(vgpu: Vgpu, so: string, next: string): Obstacle {
  const why = whyUsed(vgpuInWords(vgpu), vgpu.users, next);
  return { device: vgpu.uuid ?? vgpu.function, ...why, seen: `${why.seen}, so ${so}` };
}
