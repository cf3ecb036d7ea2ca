import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { DriverGoal, Goal, VgpuGoal } from "../goal";
import { findPinnedGpu } from "../gpu/find";
import type { Step } from "../plan";
import { isBlocker } from "../plan";

/** A goal of which something may be restored at boot. */
export type RestoringGoal = Exclude<Goal, DriverGoal>;

/** Returns whether what a goal declares is to be restored. */
export const isRestoring = (goal: Goal): goal is RestoringGoal => goal.kind !== "driver" && goal.restorer !== undefined;

/** Returns whether a goal declares that nothing is there, such as the goal of a deletion. */
export function declaresNothing(goal: RestoringGoal): boolean {
  if (goal.kind === "vgpus") return goal.desired.length === 0;
  return goal.kind === "mig" ? goal.arguments.enabled.length === 0 : goal.state !== "enabled";
}

/** Returns the GPUs with vGPUs that are to be restored, and the keys of their goals. */
export function goalsByGpu(facts: HostFacts, goals: readonly Goal[]): { gpu: Gpu; keys: string[] }[] {
  const restoring = goals.filter((goal): goal is VgpuGoal => goal.kind === "vgpus" && goal.restorer !== undefined);
  return facts.gpus
    .map((gpu) => ({ gpu, keys: restoring.filter((goal) => isOn(facts, goal, gpu)).map(({ key }) => key) }))
    .filter(({ keys }) => keys.length > 0);
}

/** Returns whether a goal is about vGPUs of this GPU. */
function isOn({ gpus }: HostFacts, { gpu: selector, pin }: VgpuGoal, gpu: Gpu): boolean {
  const found = findPinnedGpu(selector, pin, gpus);
  return !isBlocker(found) && found.address === gpu.address;
}

/** Returns whether a step removes the record of a GPU or vGPU, or takes it out of the restore. */
export function endsRestore({ command: [name, ...words] }: Step, uuid: string): boolean {
  if (name === "rerecord_vgpu" || name === "adopt_vgpu") return words[0] === uuid && !words.includes("restore=yes");
  if (name === "clear_type") return words[2] === uuid;
  return ["forget_gpu", "forget_vgpu", "remove_mdev"].includes(name!) && words[0] === uuid;
}
