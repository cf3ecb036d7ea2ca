import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown, isUnknown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { familyOf } from "../families";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { unsupportedFamily } from "./prerequisites";

/** A separate file, so that an uninstall can remove it. */
export const ourBlacklist = "/etc/modprobe.d/nvidia-vgpu-nouveau.conf";

/** Blacklists nouveau for the next boot. It releases the GPUs that it has only at a reboot (B05). */
export function blacklistNouveau(facts: HostFacts, goal: DriverGoal): Plan {
  const { name, loaded, blacklistedBy, initramfsCurrent, datedInFuture } = facts.driver.nouveau;
  const listed = blacklistedBy.length > 0;
  if (listed && (isUnknown(initramfsCurrent) || initramfsCurrent)) return emptyPlan();
  const { todo, blocked, noted } = planBuilder(goal.key);
  const reason = !listed
    ? `${name} is not blacklisted and would be loaded at the next boot${loaded ? ", and it is loaded" : ""}`
    : datedInFuture
      ? `${datedInFuture} is dated in the future, so it is unclear whether the initramfs has the blacklist`
      : `${blacklistedBy[0]} is newer than the initramfs, which loads ${name} before that file is read`;
  if (goal.arguments.prerequisites === "require")
    return facts.driver.loaded
      ? noted(`At the next boot ${name} may take the GPUs: ${reason}.`)
      : blocked(reason, `Blacklist ${name} in /etc/modprobe.d and rebuild the initramfs.`);
  const family = familyOf(facts.system.os);
  if (isUnknown(family)) return unsupportedFamily(goal, family.unknown, `keep ${name} out of the initramfs`);
  return mergePlans(
    listed ? emptyPlan() : todo(`blacklist ${name}`, reason, ["blacklist_nouveau"]),
    rebuildInitramfs(
      facts,
      goal,
      family.initramfs,
      listed ? reason : `the initramfs must contain the ${name} blacklist`,
    ),
  );
}

export function rebuildInitramfs({ boot }: HostFacts, { key }: DriverGoal, tool: string, reason: string): Plan {
  const kernel = isKnown(boot.next.kernel) ? boot.next.kernel : boot.kernel;
  return planBuilder(key).todo(`rebuild the initramfs of ${kernel}`, reason, ["rebuild_initramfs", tool, kernel], {
    limitSeconds: 900,
  });
}
