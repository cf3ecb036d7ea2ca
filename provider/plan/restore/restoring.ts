import type { DriverGoal, Goal } from "../goal";

/** A goal of which something may be restored at boot. */
export type RestoringGoal = Exclude<Goal, DriverGoal>;

/** Returns whether what a goal declares is to be restored. */
export const isRestoring = (goal: Goal): goal is RestoringGoal => goal.kind !== "driver" && goal.restorer !== undefined;

/** Returns whether a goal declares that nothing is there, such as the goal of a deletion. */
export function declaresNothing(goal: RestoringGoal): boolean {
  if (goal.kind === "vgpus") return goal.desired.length === 0;
  return goal.kind === "mig" ? goal.arguments.enabled.length === 0 : goal.state !== "enabled";
}
