import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import type { ImageSystem } from "../../model/facts/system";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { installReason } from "./driver-state";
import { driverHint, kernelWordsHint, systemOf } from "./image-hints";
import { turnIommuOn } from "./iommu";
import { gpuNotes, planRunningDriver } from "./running";

/**
 * Plans the driver of a system that is replaced as a whole, where modules, initramfs and kernel command line cannot be written or would be
 * lost. A driver of the image is adopted; only its modules are loaded and its services started.
 */
export function planOnImageSystem(
  facts: HostFacts,
  goal: DriverGoal,
  image: ImageSystem,
  desired: DriverVersion,
): Plan {
  const { blocked } = planBuilder(goal.key);
  const reason = installReason(facts, desired);
  if (reason) return blocked(`${reason}, and ${systemOf(image)}`, driverHint(image, desired));
  const { name, loaded } = facts.driver.nouveau;
  if (loaded)
    return blocked(`${name} is loaded, and ${systemOf(image)}`, kernelWordsHint(image, `module_blacklist=${name}`));
  const { plan, rebootReasons } = turnIommuOn(facts, goal);
  if (plan.blockers.length) return plan;
  if (rebootReasons.length) return blocked(rebootReasons.join(", "), "Start the host from its newest image.");
  return mergePlans(gpuNotes(facts, goal), plan, planRunningDriver(facts, goal, desired));
}

/** Plans nothing: a driver of the image stays. */
export function keepDriverOfImage({ driver }: HostFacts, { key }: DriverGoal, image: ImageSystem): Plan {
  return driver.flavour === "none"
    ? emptyPlan()
    : planBuilder(key).noted(`The driver stays: it belongs to the image, since ${systemOf(image)}.`);
}
