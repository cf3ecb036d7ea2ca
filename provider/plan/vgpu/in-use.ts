import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { usersInWords } from "../in-words";
import type { Obstacle } from "../obstacle";
import { vgpuInWords } from "./in-words";

/** What cannot be read counts as used. */
export const isInUse = ({ users }: Vgpu): boolean => !isKnown(users) || users.length > 0;

/** Why a vGPU cannot be taken away: a guest has it open, or is defined with it. */
export function whyKept(vgpu: Vgpu): Obstacle | null {
  if (!isInUse(vgpu)) return null;
  return used(vgpu, "it cannot be removed", "Shut the guest down and take the vGPU out of its definition");
}

/** Parameters are read when a guest starts, so one that is only defined may get others (domain of vgpu_params). */
export function whyParametersKept(vgpu: Vgpu): Obstacle | null {
  if (isKnown(vgpu.users) && vgpu.users.every((user) => "guest" in user && !user.running)) return null;
  return used(vgpu, "its parameters, which are read when a guest starts, cannot be changed", "Shut the guest down first");
}

function used(vgpu: Vgpu, so: string, next: string): Obstacle {
  const device = vgpu.uuid ?? vgpu.function;
  if (!isKnown(vgpu.users))
    return {
      device,
      seen: `who uses ${vgpuInWords(vgpu)} could not be read: ${vgpu.users.unknown}; so ${so}`,
      next: "Log in as root, or with sudo",
    };
  return { device, seen: `${vgpuInWords(vgpu)} is used by ${usersInWords(vgpu.users)}, so ${so}`, next };
}
