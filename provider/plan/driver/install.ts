import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown, isUnknown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { familyOf } from "../families";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { installBlockers } from "./blockers";
import { isLoaded, isOnDiskOnly } from "./driver-state";
import { buildModules, checkPackage, dkmsFlags, runInstaller, tryPackage, willUseDkms } from "./installer";
import { turnIommuOn } from "./iommu";
import { blacklistNouveau } from "./nouveau";
import { installPrerequisites } from "./prerequisites";
import { earlierRebootBlockers, reboot, rebootBlockers } from "./reboot";
import { rollbackSteps } from "./rollback";
import { unloadDriver } from "./unload";

/**
 * S01 to S03 of the documented way: compiler and headers, nouveau off, IOMMU on, the installer, a reboot. What runs is taken away only
 * for a package that builds, and brought back when it is not installed all the same.
 */
export function installDriver(facts: HostFacts, goal: DriverGoal, desired: DriverVersion, reason: string): Plan {
  const { boot, driver } = facts;
  if (!goal.packageOnHost)
    return planBuilder(goal.key).blocked(
      reason,
      `Set \`package\` to the package of ${desired}, or install it by other means.`,
    );
  const next = isKnown(boot.next.kernel) ? boot.next.kernel : boot.kernel;
  // A GPU that nouveau has is given back by a reboot only, so the installer then meets the kernel that boots next.
  const rebootsFirst = driver.nouveau.loaded;
  const onKernel = rebootsFirst ? next : boot.kernel;
  const blacklist = blacklistNouveau(facts, goal);
  const iommu = turnIommuOn(facts, goal);
  const away = driver.flavour === "none" ? emptyPlan() : unloadDriver(facts, goal, reason);
  // A version that a run unloaded before it was ended can be loaded again, but not the wanted one itself that lacks parts.
  const hasDriver = driver.loaded !== null || (isOnDiskOnly(facts) && driver.onDisk !== desired);
  const proof = hasDriver ? tryPackage(facts, goal, desired, [...new Set([onKernel, next])]) : emptyPlan();
  const takesReboot = `installing vGPU Manager ${desired} requires a reboot`;
  return mergePlans(
    installBlockers(facts, goal, desired, onKernel),
    rebootBlockers(facts, goal),
    checkPackage(goal, reason),
    installPrerequisites(facts, goal, [...new Set([onKernel, next])]),
    blacklist,
    rebootsFirst && !blacklist.steps.length ? earlierRebootBlockers(facts, goal, ["nouveau is loaded"]) : emptyPlan(),
    iommu.plan,
    rebootsFirst ? reboot(goal, ["nouveau is loaded", ...iommu.rebootReasons]) : emptyPlan(),
    proof,
    away,
    loadRequiredModules(facts, goal),
    runInstaller(goal, {
      desired,
      kernel: onKernel,
      title: `install vGPU Manager ${desired}`,
      reason,
      flags: dkmsFlags(goal, desired),
      rollback: proof.steps.flatMap((step) => rollbackSteps(facts, goal, `${desired} could not be installed`, step)),
    }),
    markReboot(goal, desired, takesReboot),
    onKernel === next ? emptyPlan() : buildModules(facts, goal, desired, next, willUseDkms(facts, goal, desired)),
    reboot(goal, [takesReboot, ...(rebootsFirst ? [] : iommu.rebootReasons)]),
  );
}

/** The reboot is part of every documented way (S03); a file that it takes away keeps it from being forgotten. */
const markReboot = ({ key }: DriverGoal, desired: DriverVersion, reason: string) =>
  planBuilder(key).todo("record that the host has to be rebooted", reason, [
    "mark_reboot",
    `vGPU Manager ${desired} was installed`,
  ]);

function loadRequiredModules(facts: HostFacts, { key }: DriverGoal): Plan {
  const family = familyOf(facts.system.os);
  if (isUnknown(family)) return emptyPlan();
  const missing = family.loadFirst.filter((module) => !isLoaded(facts, module));
  return mergePlans(
    ...missing.map((module) =>
      planBuilder(key).todo(`load ${module}`, `the modules of the vGPU Manager need ${module}`, [
        "load_module",
        module,
      ]),
    ),
  );
}
