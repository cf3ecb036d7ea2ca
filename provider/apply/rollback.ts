import { enumerate } from "../plan/format";
import { stepFailure } from "./failure";
import type { StepRun } from "./run-log";

/** Returns a sentence on what was restored of what had been removed for a step that failed, or null if there was nothing to restore. */
export function describeRollback(runs: readonly StepRun[], host: string): string | null {
  const rollback = runs.filter(({ isRollback }) => isRollback);
  if (rollback.length === 0) return null;
  const back = enumerate(restoredItems(rollback.filter(({ result }) => result === "done")));
  const failed = rollback.find(({ result }) => result === "failed");
  if (!failed) return `Restored: ${back}.`;
  return `${back ? `Restored: ${back}, but not everything: ` : ""}${stepFailure(failed, host).message}`;
}

/** `the driver 550.163.02, 32 virtual functions and 4 vGPUs`, by the functions of the library that restored them. */
function restoredItems(done: readonly StepRun[]): string[] {
  const runsOf = (...names: string[]) => done.map(({ step }) => step.command).filter(([name]) => names.includes(name!));
  const functions = runsOf("enable_vfs").reduce((sum, [, , count]) => sum + Number(count), 0);
  const vgpus = runsOf("restore_mdev", "restore_type").length;
  return [
    ...runsOf("restore_driver").map(([, version]) => `the driver ${version}`),
    ...(functions ? [`${functions} virtual functions`] : []),
    ...(vgpus ? [`${vgpus} ${vgpus === 1 ? "vGPU" : "vGPUs"}`] : []),
  ];
}
