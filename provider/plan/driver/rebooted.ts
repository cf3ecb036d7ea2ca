import type { HostFacts } from "../../model/facts/host-facts";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";

/** Was the host rebooted for this reason already, and it is still so? Then one more reboot will not help. */
export const wasRebootedFor = ({ boot, system }: HostFacts, reason: string): boolean =>
  boot.rebootedFor !== undefined &&
  boot.rebootedFor.bootId !== system.identity.bootId &&
  boot.rebootedFor.reasons.some((noted) => noted.includes(reason));

const note = "/etc/nvidia-vgpu/rebooted-for";

/** A kernel that was started without the words that its configuration has. */
export function startedWithout(facts: HostFacts, { key }: DriverGoal, words: readonly string[]): Plan {
  const missing = words.filter((word) => !facts.boot.commandLine.includes(word)).join(" ");
  return planBuilder(key).blocked(
    `the host was rebooted, and the kernel was started without ${missing}: another boot loader boots this host (likely: ${likelyLoader(facts)})`,
    `Put ${missing} on the command line where this host is booted from, and reboot it; or remove ${note} on the host, to have it rebooted once more.`,
  );
}

/** By what a boot loader leaves on the command line. */
function likelyLoader({ boot: { commandLine } }: HostFacts): string {
  const has = (pattern: RegExp) => commandLine.some((word) => pattern.test(word));
  if (has(/^(BOOTIF|ip|netroot|root=\/dev\/nfs|nfsroot|fetch|iso-url)(=|$)/)) return "the network, PXE or iPXE";
  if (has(/^initrd=(\\\\|\\)?EFI/i)) return "systemd-boot, or an EFI stub";
  if (has(/^BOOT_IMAGE=/)) return "another entry of GRUB's menu, or another grub.cfg than the one that was changed";
  return "systemd-boot, an EFI stub, the network, or kexec";
}

/** Reasons that a reboot did away with in no way, each with what to look at. */
export function blockedByEarlierReboot(facts: HostFacts, { key }: DriverGoal, reasons: readonly string[]): Plan {
  const still = reasons.filter((reason) => wasRebootedFor(facts, reason));
  if (!still.length) return emptyPlan();
  return mergePlans(
    ...still.map((reason) =>
      planBuilder(key).blocked(
        `the host was rebooted, and still: ${reason}`,
        `Look at the initramfs and at what loads the modules at boot; or remove ${note} on the host, to have it rebooted once more.`,
      ),
    ),
  );
}
