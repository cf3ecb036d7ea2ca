/** One thing that is done on the host. */
export interface Step {
  /** The words of `run`, so the same thing wanted twice is done once. */
  id: string;
  /** What is done, as an order: "enable the 32 virtual functions of 0000:41:00.0". */
  does: string;
  /** What was seen that makes it necessary: "none of them is on". */
  because: string;
  /** A function of the library in apply/host, and its arguments. It proves what it did before it ends with 0. */
  run: readonly string[];
  /** Ids of steps without which this one makes no sense. */
  after: readonly string[];
  /** Keys of the desires that it is done for. */
  for: readonly string[];
  /** PCI address or UUID. */
  device?: string;
  /** The vGPU that it makes, removes or adopts; for those who tell of several at once. */
  vgpu?: { type: string; gpu: string };
  limitSeconds: number;
  /** Nothing behind it can be done, or even known for certain, before the host has come back. */
  reboots?: boolean;
  /** It takes away what is above it: VFs, vGPUs. So whatever stands on this has to be looked at again. */
  wipes?: boolean;
  /** Run in the place of this step when it failed or was left out: they bring back what was taken away for it. */
  rollback?: readonly Step[];
}

/** What stands in the way of a desire. While it is there, nothing is done for that desire. */
export interface Blocker {
  /** "GPU 0000:41:00.0 has MIG mode on" */
  seen: string;
  /** "Turn it off with nvidia-smi -i 0000:41:00.0 -mig 0, or leave this GPU out." */
  next: string;
  device?: string;
  for: readonly string[];
}

/** Something worth knowing that changes nothing: "0000:41:00.5 carries a vGPU without a record; it stays". */
export interface Note {
  says: string;
  /** So it is with this card, and no look at it will show anything else: worth a word when something is made there, not at each look. */
  lasting?: true;
  device?: string;
  for: readonly string[];
}

/** What is to be done on one host, in order. Plain data. */
export interface Plan {
  steps: Step[];
  blockers: Blocker[];
  notes: Note[];
}

export const nothing = (): Plan => ({ steps: [], blockers: [], notes: [] });

type Unnamed = Omit<Step, "id" | "after" | "limitSeconds"> & Partial<Pick<Step, "after" | "limitSeconds">>;

export const step = (what: Unnamed): Step => ({ after: [], limitSeconds: 60, ...what, id: idOf(what.run) });

export const idOf = (run: readonly string[]): string => run.join(" ");

/** One plan of several, in their order: a step that two of them have is done once, for both. */
export function inOrder(plans: readonly Plan[]): Plan {
  const steps = new Map<string, Step>();
  for (const one of plans.flatMap((plan) => plan.steps)) {
    const same = steps.get(one.id);
    steps.set(one.id, same ? { ...same, for: [...new Set([...same.for, ...one.for])] } : one);
  }
  return { steps: [...steps.values()], blockers: plans.flatMap((plan) => plan.blockers), notes: plans.flatMap((plan) => plan.notes) };
}

/** What of a plan concerns one desire. */
export const partFor = (key: string, plan: Plan): Plan => {
  const concerns = (one: { for: readonly string[] }) => one.for.includes(key);
  return { steps: plan.steps.filter(concerns), blockers: plan.blockers.filter(concerns), notes: plan.notes.filter(concerns) };
};

/** Without what is only wanted by desires that something stands in the way of. */
export function unblocked(plan: Plan): Step[] {
  const blocked = new Set(plan.blockers.flatMap((blocker) => blocker.for));
  return plan.steps.filter((one) => one.for.some((key) => !blocked.has(key)));
}
