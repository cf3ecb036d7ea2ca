/** One change on the host. */
export interface Step {
  /** The words of `command`: the same change requested twice is done once. */
  id: string;
  /** In the imperative: "enable the 32 virtual functions of 0000:41:00.0". */
  title: string;
  /** What was found that makes it necessary: "VFs are off (0 of 32)". */
  reason: string;
  /** A function of the library in apply/host, and its arguments. It proves what it did before it ends with 0. */
  command: readonly string[];
  /** Ids of the steps without which this one is skipped. */
  dependsOn: readonly string[];
  /** Keys of the goals that it is done for. */
  requestedBy: readonly string[];
  /** PCI address or UUID. */
  device?: string;
  /** The vGPU that it creates, removes or adopts; for reports that group steps. */
  vgpu?: { type: string; gpu: string };
  limitSeconds: number;
  /** Later steps cannot be done, or even planned for certain, before the host has come back. */
  requiresReboot?: boolean;
  /** It removes VFs or vGPUs, so resources that depend on them are planned again. */
  destructive?: boolean;
  /** Run in place of this step when it failed or was skipped: they restore what was removed for it. */
  rollback?: readonly Step[];
}

/** Why something cannot be done, before it is known for which goal. */
export interface BlockerReason {
  /** "GPU 0000:41:00.0 has MIG mode on" */
  reason: string;
  /** "Turn it off with nvidia-smi -i 0000:41:00.0 -mig 0" */
  hint: string;
  device?: string;
}

/** Tells a blocker from whatever else a function returns. */
export const isBlocker = (outcome: object): outcome is BlockerReason => "hint" in outcome;

/** Keeps its goals from being worked on. */
export interface Blocker extends BlockerReason {
  /** Keys of the goals. */
  requestedBy: readonly string[];
}

/** Information that changes nothing: "0000:41:00.5 has a vGPU without a record; it stays". */
export interface Note {
  message: string;
  /** It follows from the GPU's model and never changes: reported when something is created there, not at each read. */
  permanent?: true;
  device?: string;
  requestedBy: readonly string[];
}

/** The steps for one host, in order. Plain data. */
export interface Plan {
  steps: Step[];
  blockers: Blocker[];
  notes: Note[];
}

/** Returns the parts of a plan that concern one goal. */
export function planFor(key: string, plan: Plan): Plan {
  const concerns = (one: { requestedBy: readonly string[] }) => one.requestedBy.includes(key);
  return {
    steps: plan.steps.filter(concerns),
    blockers: plan.blockers.filter(concerns),
    notes: plan.notes.filter(concerns),
  };
}

/** Returns the steps that at least one goal without a blocker requests. */
export function unblockedSteps(plan: Plan): Step[] {
  const blocked = new Set(plan.blockers.flatMap((blocker) => blocker.requestedBy));
  return plan.steps.filter((one) => one.requestedBy.some((key) => !blocked.has(key)));
}

/** Returns the steps that can be done for the goals of these keys: unblocked, and not dependent on a step that is skipped. */
export function runnableSteps(plan: Plan, keys: ReadonlySet<string>): Step[] {
  const candidates = new Set(unblockedSteps(plan).filter((step) => step.requestedBy.some((key) => keys.has(key))));
  const skipped = new Set<string>();
  return plan.steps.filter((step) => {
    const isRunnable = candidates.has(step) && !step.dependsOn.some((id) => skipped.has(id));
    if (!isRunnable) skipped.add(step.id);
    return isRunnable;
  });
}

/** Returns the runnable steps up to the first that requires a reboot. */
export function stepsBeforeReboot(plan: Plan, keys: ReadonlySet<string>): Step[] {
  const steps = runnableSteps(plan, keys);
  const reboot = steps.findIndex(({ requiresReboot }) => requiresReboot);
  return reboot < 0 ? steps : steps.slice(0, reboot + 1);
}
