import { rollbackInWords, stepFailure, type StepRun } from "../apply";
import { wantedVersion } from "../model/desired/driver";
import { UserError } from "../model/errors";
import { sentence } from "../model/sentence";
import type { Desire, Plan } from "../plan";

/** Why a desire did not come true, in the order in which people want to know it. */
export function blocked(desire: Desire, { blockers }: Plan, host: string): UserError {
  const devices = new Set(blockers.map(({ device }) => device));
  return new UserError({
    tried: purposeOf(desire), host,
    device: devices.size === 1 ? blockers[0]!.device : undefined,
    seen: unique(blockers.map(({ seen }) => seen.replace(/\.$/, ""))).join("; "),
    next: unique(blockers.map(({ next }) => next.replace(/([^.!?])$/, "$1."))).join(" "),
  });
}

/** The first of its steps that failed; or the one of somebody else's that it stands on. */
export function failed(runs: readonly StepRun[], allRuns: readonly StepRun[], host: string): UserError | undefined {
  const run = runs.find(({ result, isRollback }) => result === "failed" && !isRollback) ?? runs.find(({ result }) => result === "skipped");
  if (run?.result !== "skipped") return run && withRollback(stepFailure(run, host), runs, host);
  const cause = allRuns.find(({ step, result }) => result === "failed" && run.step.after.includes(step.id));
  const behind = allRuns.find(({ step, result }) => result === "skipped" && run.step.after.includes(step.id));
  if (cause) return stepFailure(cause, host);
  return behind ? failed([behind], allRuns, host) : undefined;
}

/** A failure, and whether what was taken away before it is there again. */
function withRollback(failure: UserError, runs: readonly StepRun[], host: string): UserError {
  const rollback = rollbackInWords(runs, host);
  return rollback === null ? failure : new UserError({ ...failure.trouble, seen: `${sentence(failure.trouble.seen)} ${rollback}` });
}

/** Steps that ended well, or never came to their turn, and a plan that still has them. */
export function unmoved({ steps }: Plan, runs: readonly StepRun[], host: string): UserError {
  const [step] = steps;
  const was = runs.some((run) => run.step.id === step!.id && run.result === "done");
  return new UserError({
    tried: step!.does, host, device: step!.device,
    seen: was ? `it ended with 0, and yet: ${step!.because}` : `what comes before it cannot be done; ${step!.because}`,
    next: "Look on the host what the kernel and the driver say: dmesg, journalctl -b -u nvidia-vgpud -u nvidia-vgpu-mgr.",
  });
}

function purposeOf(desire: Desire): string {
  switch (desire.kind) {
    case "driver": return desire.state === "absent" ? "remove the vGPU Manager" : `bring the vGPU Manager to ${wantedVersion(desire.arguments)}`;
    case "sriov": return desire.state === "enabled" ? "enable the virtual functions" : "disable the virtual functions";
    case "card": return desire.wanted.length === 0 ? "remove the vGPUs" : "make the vGPUs";
  }
}

const unique = (texts: string[]): string[] => [...new Set(texts)];
