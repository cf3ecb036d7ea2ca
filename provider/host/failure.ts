import type { StepRun } from "../apply";
import { describeRollback, stepFailure } from "../apply";
import { desiredVersion } from "../model/desired/driver";
import { BlockedError, isUserError, UserError } from "../model/errors";
import { sentence, withoutFullStop } from "../model/text";
import type { Goal, Plan } from "../plan";

/** Returns the error for a goal that is blocked. */
export function blockedError(goal: Goal, { blockers }: Plan, host: string): UserError {
  const devices = new Set(blockers.map(({ device }) => device));
  return new BlockedError({
    action: purposeOf(goal),
    host,
    device: devices.size === 1 ? blockers[0]!.device : undefined,
    cause: unique(blockers.map(({ reason }) => withoutFullStop(reason))).join("; "),
    hint: unique(blockers.map(({ hint }) => sentence(hint))).join(" "),
  });
}

/** Returns the error of the first step that failed, or of the failed step that a skipped one depends on. */
export function stepError(runs: readonly StepRun[], allRuns: readonly StepRun[], host: string): UserError | undefined {
  const run =
    runs.find(({ result, isRollback }) => result === "failed" && !isRollback) ??
    runs.find(({ result }) => result === "skipped");
  if (run?.result !== "skipped") return run && withRollback(stepFailure(run, host), runs, host);
  const cause = allRuns.find(({ step, result }) => result === "failed" && run.step.dependsOn.includes(step.id));
  const skipped = allRuns.find(({ step, result }) => result === "skipped" && run.step.dependsOn.includes(step.id));
  if (cause) return stepFailure(cause, host);
  return skipped ? stepError([skipped], allRuns, host) : undefined;
}

/** Adds to an error what the rollback restored of what had been removed before the failure. */
function withRollback(failure: UserError, runs: readonly StepRun[], host: string): UserError {
  const rollback = describeRollback(runs, host);
  return rollback === null
    ? failure
    : new UserError({ ...failure.details, cause: `${sentence(failure.details.cause)} ${rollback}` });
}

/** Returns the error for steps that succeeded or could not be run, and that the plan still has. */
export function noEffectError({ steps }: Plan, runs: readonly StepRun[], host: string): UserError {
  const [step] = steps;
  const hasRun = runs.some((run) => run.step.id === step!.id && run.result === "done");
  return new UserError({
    action: step!.title,
    host,
    device: step!.device,
    cause: hasRun
      ? `the step reported success, but ${step!.reason}`
      : `a step that it depends on cannot be run; ${step!.reason}`,
    hint: "Check the kernel's messages (dmesg) and the logs of nvidia-vgpud and nvidia-vgpu-mgr on the host.",
  });
}

/** Returns the error for steps that were run and could not be followed to their end. */
export const asUserError = (error: unknown, host: string): UserError =>
  isUserError(error)
    ? error
    : new UserError({ action: "find out how the steps ended", host, cause: String(error), hint: "Run it again." });

function purposeOf(goal: Goal): string {
  switch (goal.kind) {
    case "driver":
      return goal.state === "absent"
        ? "remove the vGPU Manager"
        : `install vGPU Manager ${desiredVersion(goal.arguments)}`;
    case "mig":
      return "set MIG mode";
    case "sriov":
      return goal.state === "enabled" ? "enable the virtual functions" : "disable the virtual functions";
    case "vgpus":
      return goal.desired.length === 0 ? "remove the vGPUs" : "create the vGPUs";
  }
}

const unique = (texts: string[]): string[] => [...new Set(texts)];
