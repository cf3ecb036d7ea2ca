import { desiredVersion } from "../../model/desired/driver";
import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { mergePlans, sequential } from "../builder";
import type { DriverGoal, VgpuGoal } from "../goal";
import type { Plan } from "../plan";
import { installReason } from "./driver-state";
import { installDriver } from "./install";
import { isRegisteredWithDkms } from "./installer";
import { planMaintenance } from "./maintain";
import { uninstallDriver } from "./uninstall";
import { allowModules } from "./unload";

/**
 * What is to be done on a host so that its driver is as wanted. A version that is there is adopted, whoever installed it. `cards`: what
 * else is wanted in the same plan.
 */
export function planDriver(facts: HostFacts, goal: DriverGoal, vgpuGoals: readonly VgpuGoal[] = []): Plan {
  const change = goal.state === "absent" ? uninstallDriver(facts, goal, vgpuGoals) : planInstalled(facts, goal);
  return sequential(mergePlans(allowModules(facts, goal), change));
}

function planInstalled(facts: HostFacts, goal: DriverGoal): Plan {
  const wanted = desiredVersion(goal.arguments);
  const why = installReason(facts, wanted);
  return why && !onlyModulesMissing(facts, wanted)
    ? installDriver(facts, goal, wanted, why)
    : planMaintenance(facts, goal, wanted);
}

/** After a kernel upgrade, say. Building them takes nothing away: from DKMS' sources, or while the same modules are loaded. */
function onlyModulesMissing(facts: HostFacts, desired: DriverVersion): boolean {
  const { flavour, onDisk, loaded } = facts.driver;
  return flavour === "vgpu-manager" && onDisk === null && (isRegisteredWithDkms(facts, desired) || loaded === desired);
}
