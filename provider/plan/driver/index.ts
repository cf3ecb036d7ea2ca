import { wantedVersion } from "../../model/desired/driver";
import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { mergePlans, sequential } from "../builder";
import type { DriverGoal, VgpuGoal } from "../goal";
import type { Plan } from "../plan";
import { whyInstall } from "./driver-state";
import { installDriver } from "./install";
import { allowLoading } from "./loading";
import { planMaintenance } from "./maintain";
import { isWithDkms } from "./modules";
import { uninstallDriver } from "./uninstall";

/**
 * What is to be done on a host so that its driver is as wanted. A version that is there is adopted, whoever installed it. `cards`: what
 * else is wanted in the same plan.
 */
export function planDriver(facts: HostFacts, goal: DriverGoal, cards: readonly VgpuGoal[] = []): Plan {
  const change = goal.state === "absent" ? uninstallDriver(facts, goal, cards) : installed(facts, goal);
  return sequential(mergePlans(allowLoading(facts, goal), change));
}

function installed(facts: HostFacts, goal: DriverGoal): Plan {
  const wanted = wantedVersion(goal.arguments);
  const why = whyInstall(facts, wanted);
  return why && !onlyModulesMissing(facts, wanted)
    ? installDriver(facts, goal, wanted, why)
    : planMaintenance(facts, goal, wanted);
}

/** After a kernel upgrade, say. Building them takes nothing away: from DKMS' sources, or while the same modules are loaded. */
function onlyModulesMissing(facts: HostFacts, wanted: DriverVersion): boolean {
  const { flavour, onDisk, loaded } = facts.driver;
  return flavour === "vgpu-manager" && onDisk === null && (isWithDkms(facts, wanted) || loaded === wanted);
}
