import type { HostFacts } from "../../model/facts/host-facts";
import type { RestoreFacts } from "../../model/facts/restore";
import { isKnown, isUnknown } from "../../model/unknown";
import { emptyPlan, planBuilder } from "../builder";
import type { Goal } from "../goal";
import type { Plan } from "../plan";
import { unblockedSteps } from "../plan";
import { recordsOf } from "../vgpu/vgpu";
import { isCreating, isRestored } from "./failures";
import { gpuRecordsOf, gpusWithVfs } from "./gpu-records";
import { gpusInMode } from "./mig-mode";
import { declaresNothing, endsRestore, isRestoring } from "./restoring";

const unitName = "nvidia-vgpu-restore.service";

/** Plans the script and the unit on the host: installed while there is something to restore, in the version of this package. */
export function planRestorer(facts: HostFacts, goals: readonly Goal[], planned: Plan): Plan {
  const needing = goals.filter((goal) => hasItems(facts, goal, planned));
  const [first] = needing;
  if (!first) return planRemoval(facts, goals, planned);
  const { todo } = planBuilder(...needing.map(({ key }) => key));
  const reason = whyInstall(facts.restore, first.restorer!);
  if (reason) return todo(`install ${unitName}`, reason, ["install_restorer", first.restorer!], { limitSeconds: 120 });
  const failed = whyReset(facts, planned);
  return failed ? todo(`reset ${unitName}`, failed, ["forget_failed_restore"]) : emptyPlan();
}

/** Returns whether a goal has something that is to be restored, or will have it by this plan. */
function hasItems(facts: HostFacts, goal: Goal, planned: Plan): boolean {
  if (!isRestoring(goal)) return false;
  if (planned.blockers.some(({ requestedBy }) => requestedBy.includes(goal.key))) return false;
  if (goal.kind === "vgpus") return goal.desired.length > 0;
  const gpus = goal.kind === "mig" ? gpusInMode(facts, goal, planned, true) : gpusWithVfs(facts, goal, planned);
  return gpus.length > 0;
}

function whyInstall({ digest, unit }: RestoreFacts, wanted: string): string | null {
  if (digest === null) return "nothing is restored at boot yet";
  if (isUnknown(unit)) return digest === wanted ? null : changed;
  if (unit?.enabled.startsWith("masked")) return `${unitName} is masked`;
  if (digest !== wanted) return changed;
  if (unit?.present && unit.enabled === "enabled") return null;
  return `${unitName} is ${unit?.present ? unit.enabled || "disabled" : "not known to systemd"}`;
}

const changed = "the files on the host are those of another version of this package, or were edited";

/**
 * Returns why the failure of the last boot is to be forgotten: everything that failed exists by now. A restorer that was stopped may have
 * reported nothing; then it is what the plan does not create.
 */
function whyReset(facts: HostFacts, planned: Plan): string | null {
  const { unit, failures } = facts.restore;
  if (isUnknown(unit) || unit?.active !== "failed" || !failures.every((one) => isRestored(facts, one))) return null;
  if (failures.length === 0 && planned.steps.some(isCreating)) return null;
  const [first] = failures;
  return `it failed at boot${first ? `: ${first.reason}` : ` (${unit.result})`}; what it had to restore exists now`;
}

/** The last record takes the restorer along. */
function planRemoval(facts: HostFacts, goals: readonly Goal[], planned: Plan): Plan {
  if (facts.restore.digest === null || !isKnown(facts.restore.gpus) || !isKnown(facts.records)) return emptyPlan();
  const removing = goals.filter(isEnding);
  const steps = unblockedSteps(planned);
  const removals = (uuid: string) => steps.filter((step) => endsRestore(step, uuid));
  const items = [...gpuRecordsOf(facts), ...recordsOf(facts).filter(({ restore }) => restore)].map(({ uuid }) => uuid);
  const ended = items.map(removals);
  if (removing.length === 0 || ended.some((some) => some.length === 0)) return emptyPlan();
  return planBuilder(...removing.map(({ key }) => key)).todo(
    `remove ${unitName}`,
    "there is nothing left to restore at boot",
    ["remove_restorer"],
    { dependsOn: ended.flat().map(({ id }) => id) },
  );
}

/** Returns whether a goal may end what is restored. */
function isEnding(goal: Goal): boolean {
  if (goal.kind === "driver") return goal.state === "absent";
  return goal.restorer === undefined || declaresNothing(goal);
}
