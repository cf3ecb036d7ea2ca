import { unblocked, type Plan, type Step } from "../plan";

/** What of a plan can be done now for these keys: nothing that stands on something left out, and nothing behind a reboot. */
export function stepsToRun(plan: Plan, keys: ReadonlySet<string>): Step[] {
  const steps = doable(plan, keys);
  const reboot = steps.findIndex(({ reboots }) => reboots);
  return reboot < 0 ? steps : steps.slice(0, reboot + 1);
}

/** The same, with what comes behind a reboot. */
export function doable(plan: Plan, keys: ReadonlySet<string>): Step[] {
  const wanted = new Set(unblocked(plan).filter((step) => step.for.some((key) => keys.has(key))));
  const leftOut = new Set<string>();
  return plan.steps.filter((step) => {
    const isIn = wanted.has(step) && !step.after.some((id) => leftOut.has(id));
    if (!isIn) leftOut.add(step.id);
    return isIn;
  });
}
