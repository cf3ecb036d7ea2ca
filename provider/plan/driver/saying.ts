import { inOrder, nothing, step, type Blocker, type Note, type Plan, type Step } from "../plan";

type More = Partial<Pick<Step, "device" | "limitSeconds" | "vgpu" | "reboots" | "wipes" | "rollback">>;

/** Makes plans of one thing each, for one desire. */
export function sayFor(key: string) {
  const keys = [key];
  return {
    todo: (does: string, because: string, run: readonly string[], more: More = {}): Plan => ({
      ...nothing(),
      steps: [step({ does, because, run, for: keys, ...more })],
    }),
    blocked: (seen: string, next: string, more: Pick<Blocker, "device"> = {}): Plan => ({
      ...nothing(),
      blockers: [{ seen, next, for: keys, ...more }],
    }),
    noted: (says: string, more: Pick<Note, "device"> = {}): Plan => ({ ...nothing(), notes: [{ says, for: keys, ...more }] }),
  };
}

/** Each step needs the one before it: a driver is not installed halfway. */
export function chained(plan: Plan): Plan {
  return { ...plan, steps: plan.steps.map((one, i) => (i ? { ...one, after: [plan.steps[i - 1]!.id] } : one)) };
}

export const together = (...plans: Plan[]): Plan => inOrder(plans);
