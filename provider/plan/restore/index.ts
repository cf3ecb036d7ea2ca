import type { HostFacts } from "../../model/facts/host-facts";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import type { Goal, MigGoal, SriovGoal } from "../goal";
import type { Plan } from "../plan";
import { withFailures } from "./failures";
import { recordInstances } from "./gpu-instances";
import { forgetGpus, recordGpus } from "./gpu-records";
import { recordModes } from "./mig-mode";
import { forgetMixedSizes, recordMixedSizes } from "./mixed-sizes";
import { planRestorer } from "./restorer";
import type { RestoringGoal } from "./restoring";
import { declaresNothing, isRestoring } from "./restoring";
import { rivalBlockers } from "./rivals";

/**
 * Adds to a plan what is restored at boot: the records of GPUs, and the restorer. The records of vGPUs are written when they are created.
 * Steps that create what the last boot could not restore get its reason.
 */
export function addRestore(facts: HostFacts, goals: readonly Goal[], planned: Plan): Plan {
  const restoring = goals.filter(isRestoring);
  if (!facts.restore.systemd) return mergePlans(planned, ...restoring.map(noteNoSystemd));
  const sriov = goals.filter((goal): goal is SriovGoal => goal.kind === "sriov");
  const mig = goals.filter((goal): goal is MigGoal => goal.kind === "mig");
  const withRecords = mergePlans(
    withFailures(facts, planned),
    ...mig.map((goal) => recordModes(facts, goal, planned)),
    ...sriov.map((goal) => recordGpus(facts, goal, planned)),
    recordInstances(facts, goals, planned),
    recordMixedSizes(facts, goals, planned),
    ...goals.flatMap((goal) => [forgetGpus(facts, goal, planned), forgetMixedSizes(facts, goal, planned)]),
  );
  return mergePlans(
    withRecords,
    planRestorer(facts, goals, withRecords),
    ...restoring.map((goal) => planBuilder(goal.key).blockedBy(rivalBlockers(facts, goal))),
  );
}

const noteNoSystemd = (goal: RestoringGoal): Plan =>
  declaresNothing(goal)
    ? emptyPlan()
    : planBuilder(goal.key).noted("this host has no systemd, so nothing is restored after a reboot", {
        permanent: true,
      });
