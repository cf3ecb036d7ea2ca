/** One thing that is done on the host. */
export interface Step {
  /** The words of `run`, so the same thing wanted twice is done once. */
  id: string;
  /** What is done, as an order: "enable the 32 virtual functions of 0000:41:00.0". */
  title: string;
  /** What was seen that makes it necessary: "none of them is on". */
  reason: string;
  /** A function of the library in apply/host, and its arguments. It proves what it did before it ends with 0. */
  command: readonly string[];
  /** Ids of steps without which this one makes no sense. */
  dependsOn: readonly string[];
  /** Keys of the goals that it is done for. */
  requestedBy: readonly string[];
  /** PCI address or UUID. */
  device?: string;
  /** The vGPU that it makes, removes or adopts; for those who tell of several at once. */
  vgpu?: { type: string; gpu: string };
  limitSeconds: number;
  /** Nothing behind it can be done, or even known for certain, before the host has come back. */
  requiresReboot?: boolean;
  /** It takes away what is above it: VFs, vGPUs. So whatever stands on this has to be looked at again. */
  destructive?: boolean;
  /** Run in the place of this step when it failed or was left out: they bring back what was taken away for it. */
  rollback?: readonly Step[];
}

/** Why something cannot be done, before it is known for which goal. */
export interface BlockerReason {
  /** "GPU 0000:41:00.0 has MIG mode on" */
  reason: string;
  /** "Turn it off with nvidia-smi -i 0000:41:00.0 -mig 0, or leave this GPU out." */
  hint: string;
  device?: string;
}

/** Why nothing is done for a goal, as long as it is there. */
export interface Blocker extends BlockerReason {
  /** Keys of the goals. */
  requestedBy: readonly string[];
}

/** Something worth knowing that changes nothing: "0000:41:00.5 carries a vGPU without a record; it stays". */
export interface Note {
  message: string;
  /** So it is with this card, and no look at it will show anything else: worth a word when something is made there, not at each look. */
  permanent?: true;
  device?: string;
  requestedBy: readonly string[];
}

/** What is to be done on one host, in order. Plain data. */
export interface Plan {
  steps: Step[];
  blockers: Blocker[];
  notes: Note[];
}

export const emptyPlan = (): Plan => ({ steps: [], blockers: [], notes: [] });

type Unnamed = Pick<
  Step,
  "title" | "reason" | "command" | "requestedBy" | "device" | "vgpu" | "requiresReboot" | "destructive" | "rollback"
> &
  Partial<Pick<Step, "dependsOn" | "limitSeconds">>;

export const step = (what: Unnamed): Step => ({ dependsOn: [], limitSeconds: 60, ...what, id: idOf(what.command) });

export const idOf = (run: readonly string[]): string => run.join(" ");

/** One plan of several, in their order: a step that two of them have is done once, for both. */
export function mergePlans(plans: readonly Plan[]): Plan {
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

/** What of a plan concerns one goal. */
export const planFor = (key: string, plan: Plan): Plan => {
  const concerns = (one: { requestedBy: readonly string[] }) => one.requestedBy.includes(key);
  return {
    steps: plan.steps.filter(concerns),
    blockers: plan.blockers.filter(concerns),
    notes: plan.notes.filter(concerns),
  };
};

/** Without what is only wanted by goals that something stands in the way of. */
export function unblockedSteps(plan: Plan): Step[] {
  const blocked = new Set(plan.blockers.flatMap((blocker) => blocker.requestedBy));
  return plan.steps.filter((one) => one.requestedBy.some((key) => !blocked.has(key)));
}
