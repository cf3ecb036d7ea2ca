import type { Blocker, Note, Plan, Step } from "./plan";
import { emptyPlan, mergePlans, step } from "./plan";

type More = Partial<Pick<Step, "device" | "limitSeconds" | "vgpu" | "requiresReboot" | "destructive" | "rollback">>;

/** Makes plans of one thing each, for one goal. */
export function planBuilder(key: string) {
  const keys = [key];
  return {
    todo: (title: string, reason: string, command: readonly string[], more: More = {}): Plan => ({
      ...emptyPlan(),
      steps: [step({ title, reason, command, requestedBy: keys, ...more })],
    }),
    blocked: (reason: string, hint: string, more: Pick<Blocker, "device"> = {}): Plan => ({
      ...emptyPlan(),
      blockers: [{ reason, hint, requestedBy: keys, ...more }],
    }),
    noted: (message: string, more: Pick<Note, "device"> = {}): Plan => ({
      ...emptyPlan(),
      notes: [{ message, requestedBy: keys, ...more }],
    }),
  };
}

/** Each step needs the one before it: a driver is not installed halfway. */
export function sequential(plan: Plan): Plan {
  return { ...plan, steps: plan.steps.map((one, i) => (i ? { ...one, dependsOn: [plan.steps[i - 1]!.id] } : one)) };
}

export const together = (...plans: Plan[]): Plan => mergePlans(plans);
