import type { StepRun } from "../apply";
import { describeRollback, stepFailure } from "../apply";
import { desiredVersion } from "../model/desired/driver";
import { UserError } from "../model/errors";
import { sentence } from "../model/text";
import type { Goal, Plan } from "../plan";

/** Why a goal did not come true, in the order in which people want to know it. */
export function blockedError(goal: Goal, { blockers }: Plan, host: string): UserError {
  const devices = new Set(blockers.map(({ device }) => device));
  return new UserError({
    action: purposeOf(goal),
    host,
    device: devices.size === 1 ? blockers[0]!.device : undefined,
    cause: unique(blockers.map(({ reason }) => reason.replace(/\.$/, ""))).join("; "),
    hint: unique(blockers.map(({ hint }) => hint.replace(/([^.!?])$/, "$1."))).join(" "),
  });
}

/** The first of its steps that failed; or the one of somebody else's that it stands on. */
export function stepError(runs: readonly StepRun[], allRuns: readonly StepRun[], host: string): UserError | undefined {
  const run =
    runs.find(({ result, isRollback }) => result === "failed" && !isRollback) ??
    runs.find(({ result }) => result === "skipped");
  if (run?.result !== "skipped") return run && withRollback(stepFailure(run, host), runs, host);
  const cause = allRuns.find(({ step, result }) => result === "failed" && run.step.dependsOn.includes(step.id));
  const behind = allRuns.find(({ step, result }) => result === "skipped" && run.step.dependsOn.includes(step.id));
  if (cause) return stepFailure(cause, host);
  return behind ? stepError([behind], allRuns, host) : undefined;
}

/** A failure, and whether what was taken away before it is there again. */
function withRollback(failure: UserError, runs: readonly StepRun[], host: string): UserError {
  const rollback = describeRollback(runs, host);
  return rollback === null
    ? failure
    : new UserError({ ...failure.details, cause: `${sentence(failure.details.cause)} ${rollback}` });
}

/** Steps that ended well, or never came to their turn, and a plan that still has them. */
export function noEffectError({ steps }: Plan, runs: readonly StepRun[], host: string): UserError {
  const [step] = steps;
  const was = runs.some((run) => run.step.id === step!.id && run.result === "done");
  return new UserError({
    action: step!.title,
    host,
    device: step!.device,
    cause: was ? `it ended with 0, and yet: ${step!.reason}` : `what comes before it cannot be done; ${step!.reason}`,
    hint: "Look on the host what the kernel and the driver say: dmesg, journalctl -b -u nvidia-vgpud -u nvidia-vgpu-mgr.",
  });
}

function purposeOf(goal: Goal): string {
  switch (goal.kind) {
    case "driver":
      return goal.state === "absent"
        ? "remove the vGPU Manager"
        : `bring the vGPU Manager to ${desiredVersion(goal.arguments)}`;
    case "sriov":
      return goal.state === "enabled" ? "enable the virtual functions" : "disable the virtual functions";
    case "vgpus":
      return goal.desired.length === 0 ? "remove the vGPUs" : "make the vGPUs";
  }
}

const unique = (texts: string[]): string[] => [...new Set(texts)];
