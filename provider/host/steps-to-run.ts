import type { Plan, Step } from "../plan";
import { unblockedSteps } from "../plan";

/** What of a plan can be done now for these keys: nothing that stands on something left out, and nothing behind a reboot. */
export function stepsBeforeReboot(plan: Plan, keys: ReadonlySet<string>): Step[] {
  const steps = runnableSteps(plan, keys);
  const reboot = steps.findIndex(({ requiresReboot }) => requiresReboot);
  return reboot < 0 ? steps : steps.slice(0, reboot + 1);
}

/** The same, with what comes behind a reboot. */
export function runnableSteps(plan: Plan, keys: ReadonlySet<string>): Step[] {
  const wanted = new Set(unblockedSteps(plan).filter((step) => step.requestedBy.some((key) => keys.has(key))));
  const leftOut = new Set<string>();
  return plan.steps.filter((step) => {
    const isIn = wanted.has(step) && !step.dependsOn.some((id) => leftOut.has(id));
    if (!isIn) leftOut.add(step.id);
    return isIn;
  });
}
