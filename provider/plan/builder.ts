import type { BlockerReason, Note, Plan, Step } from "./plan";

export const emptyPlan = (): Plan => ({ steps: [], blockers: [], notes: [] });

type StepParts = Pick<Step, "title" | "reason" | "command" | "requestedBy"> & Partial<Omit<Step, "id">>;

export const step = (parts: StepParts): Step => ({
  dependsOn: [],
  limitSeconds: 60,
  ...parts,
  id: idOf(parts.command),
});

export const idOf = (command: readonly string[]): string => command.join(" ");

type StepOptions = Partial<Omit<Step, "id" | "title" | "reason" | "command" | "requestedBy">>;

/** Returns functions that each make a plan of one thing, for the goals of these keys. */
export function planBuilder(...keys: readonly string[]) {
  return {
    todo: (title: string, reason: string, command: readonly string[], options: StepOptions = {}): Plan => ({
      ...emptyPlan(),
      steps: [step({ title, reason, command, requestedBy: keys, ...options })],
    }),
    blocked: (reason: string, hint: string, more: Pick<BlockerReason, "device"> = {}): Plan => ({
      ...emptyPlan(),
      blockers: [{ reason, hint, requestedBy: keys, ...more }],
    }),
    blockedBy: (reasons: readonly BlockerReason[]): Plan => ({
      ...emptyPlan(),
      blockers: reasons.map(({ reason, hint, device }) => ({ reason, hint, device, requestedBy: keys })),
    }),
    noted: (message: string, more: Pick<Note, "device" | "permanent"> = {}): Plan => ({
      ...emptyPlan(),
      notes: [{ message, requestedBy: keys, ...more }],
    }),
  };
}

/** Joins plans in their order. A step that several of them have is done once, for the goals of all. */
export function mergePlans(...plans: readonly Plan[]): Plan {
  const steps = new Map<string, Step>();
  for (const one of plans.flatMap((plan) => plan.steps)) {
    const same = steps.get(one.id);
    steps.set(one.id, same ? { ...same, requestedBy: [...new Set([...same.requestedBy, ...one.requestedBy])] } : one);
  }
  return {
    steps: [...steps.values()],
    blockers: plans.flatMap((plan) => plan.blockers),
    notes: plans.flatMap((plan) => plan.notes),
  };
}

/** Makes each step depend on the one before it, so none is done after one that failed. */
export function sequential(plan: Plan): Plan {
  return { ...plan, steps: plan.steps.map((one, i) => (i ? { ...one, dependsOn: [plan.steps[i - 1]!.id] } : one)) };
}
