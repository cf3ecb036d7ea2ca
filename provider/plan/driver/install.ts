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
 * Plans an installation as NVIDIA documents it: compiler and headers, nouveau off, IOMMU on, the installer, a reboot. The old driver is
 * removed only if the new package builds, and restored if its installation still fails.
 */
export function installDriver(facts: HostFacts, goal: DriverGoal, desired: DriverVersion, reason: string): Plan {
  const { boot, driver } = facts;
  if (!goal.packageOnHost)
    return planBuilder(goal.key).blocked(
      reason,
      `Set \`package\` to the package of ${desired}, or install it by other means.`,
    );
  const next = isKnown(boot.next.kernel) ? boot.next.kernel : boot.kernel;
  // nouveau releases its GPUs only at a reboot, so the installer then runs under the kernel that boots next.
  const rebootsFirst = driver.nouveau.loaded;
  const onKernel = rebootsFirst ? next : boot.kernel;
  const blacklist = blacklistNouveau(facts, goal);
  const iommu = turnIommuOn(facts, goal);
  const unload = driver.flavour === "none" ? emptyPlan() : unloadDriver(facts, goal, reason);
  // A version that an interrupted run unloaded can be loaded again, except for the desired one if parts of it are missing.
  const hasDriver = driver.loaded !== null || (isOnDiskOnly(facts) && driver.onDisk !== desired);
  const testBuild = hasDriver ? tryPackage(facts, goal, desired, [...new Set([onKernel, next])]) : emptyPlan();
  const rebootReason = `installing vGPU Manager ${desired} requires a reboot`;
  return mergePlans(
    installBlockers(facts, goal, desired, onKernel),
    rebootBlockers(facts, goal),
    checkPackage(goal, reason),
    installPrerequisites(facts, goal, [...new Set([onKernel, next])]),
    blacklist,
    rebootsFirst && !blacklist.steps.length
      ? earlierRebootBlockers(facts, goal, [`${driver.nouveau.name} is loaded`])
      : emptyPlan(),
    iommu.plan,
    rebootsFirst ? reboot(goal, [`${driver.nouveau.name} is loaded`, ...iommu.rebootReasons]) : emptyPlan(),
    testBuild,
    unload,
    loadRequiredModules(facts, goal),
    runInstaller(goal, {
      desired,
      kernel: onKernel,
      title: `install vGPU Manager ${desired}`,
      reason,
      flags: dkmsFlags(goal, desired),
      rollback: testBuild.steps.flatMap((step) =>
        rollbackSteps(facts, goal, `${desired} could not be installed`, step),
      ),
    }),
    markReboot(goal, desired, rebootReason),
    onKernel === next ? emptyPlan() : buildModules(facts, goal, desired, next, willUseDkms(facts, goal, desired)),
    reboot(goal, [rebootReason, ...(rebootsFirst ? [] : iommu.rebootReasons)]),
  );
}

/** Every documented installation ends with a reboot. The file that records it is removed by the reboot. */
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
