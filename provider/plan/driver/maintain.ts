import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { otherNextKernel } from "./driver-state";
import { buildModules, hasModules, isRegisteredWithDkms } from "./installer";
import { turnIommuOn } from "./iommu";
import { blacklistNouveau } from "./nouveau";
import { earlierRebootBlockers, reboot, rebootBlockers } from "./reboot";
import { gpuNotes, planRunningDriver } from "./running";

/** Plans what is missing so that the installed driver works now, and after the next boot. */
export function planMaintenance(facts: HostFacts, goal: DriverGoal, desired: DriverVersion): Plan {
  const iommu = turnIommuOn(facts, goal);
  const blacklist = blacklistNouveau(facts, goal);
  const reasons = [...rebootReasons(facts), ...iommu.rebootReasons];
  return mergePlans(
    gpuNotes(facts, goal),
    // The earlier reboot could not help if the blacklist is only repaired now.
    blacklist.steps.length ? emptyPlan() : earlierRebootBlockers(facts, goal, rebootReasons(facts)),
    blacklist,
    iommu.plan,
    planModulesOnDisk(facts, goal, desired),
    ...(reasons.length
      ? [rebootBlockers(facts, goal), reboot(goal, reasons)]
      : [planRunningDriver(facts, goal, desired)]),
  );
}

/** Returns what only a reboot repairs. A newer kernel, or a reboot that the distribution requests, is up to the operator. */
function rebootReasons({ boot, driver }: HostFacts): string[] {
  const waiting = boot.pendingReboot.find(({ reason }) => reason === "driver" || reason === "installation");
  return [
    ...(waiting ? [`${waiting.detail}, which takes effect after a reboot`] : []),
    ...(driver.nouveau.loaded ? [`${driver.nouveau.name} is loaded`] : []),
  ];
}

/** Plans modules for the running and the next kernel. Missing ones would only be noticed after a later reboot. */
function planModulesOnDisk(facts: HostFacts, goal: DriverGoal, desired: DriverVersion): Plan {
  const { boot, driver } = facts;
  const without = [boot.kernel, otherNextKernel(facts)].filter(
    (one) => one !== null && !hasModules(facts, one, desired),
  ) as string[];
  const byDkms = isRegisteredWithDkms(facts, desired);
  const isUnregistered = goal.arguments.dkms === true && !byDkms && driver.packaging === "run";
  return mergePlans(
    isUnregistered
      ? planBuilder(goal.key).todo(
          "register the modules with DKMS",
          `DKMS has no sources of ${desired}`,
          ["build_with_dkms", desired, boot.kernel],
          { limitSeconds: 3600 },
        )
      : emptyPlan(),
    ...without.map((one) => buildModules(facts, goal, desired, one, byDkms)),
  );
}
