import { desiredVersion } from "../../model/desired/driver";
import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { mergePlans, sequential } from "../builder";
import type { DriverGoal, VgpuGoal } from "../goal";
import type { Plan } from "../plan";
import { isFromContainer, planForContainer } from "./container-driver";
import { installReason } from "./driver-state";
import { keepDriverOfImage, planOnImageSystem } from "./image-system";
import { installDriver } from "./install";
import { isRegisteredWithDkms } from "./installer";
import { planMaintenance } from "./maintain";
import { uninstallDriver } from "./uninstall";
import { allowModules } from "./unload";

/** Plans the driver of a host. An installed version is adopted. `vgpuGoals`: the vGPU goals of the same plan. */
export function planDriver(facts: HostFacts, goal: DriverGoal, vgpuGoals: readonly VgpuGoal[] = []): Plan {
  const change = goal.state === "absent" ? planAbsent(facts, goal, vgpuGoals) : planInstalled(facts, goal);
  return sequential(mergePlans(allowModules(facts, goal), change));
}

function planAbsent(facts: HostFacts, goal: DriverGoal, vgpuGoals: readonly VgpuGoal[]): Plan {
  const { image } = facts.system;
  return image ? keepDriverOfImage(facts, goal, image) : uninstallDriver(facts, goal, vgpuGoals);
}

function planInstalled(facts: HostFacts, goal: DriverGoal): Plan {
  const desired = desiredVersion(goal.arguments);
  if (isFromContainer(facts)) return planForContainer(facts, goal);
  if (facts.system.image) return planOnImageSystem(facts, goal, facts.system.image, desired);
  const reason = installReason(facts, desired);
  return reason && !areOnlyModulesMissing(facts, desired)
    ? installDriver(facts, goal, desired, reason)
    : planMaintenance(facts, goal, desired);
}

/**
 * Returns whether building modules is enough, for example after a kernel upgrade. That is safe with the sources of DKMS, or while
 * the same modules are loaded.
 */
function areOnlyModulesMissing(facts: HostFacts, desired: DriverVersion): boolean {
  const { flavour, onDisk, loaded } = facts.driver;
  return flavour === "vgpu-manager" && onDisk === null && (isRegisteredWithDkms(facts, desired) || loaded === desired);
}
