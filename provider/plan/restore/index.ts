import type { HostFacts } from "../../model/facts/host-facts";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import type { Goal, SriovGoal, VgpuGoal } from "../goal";
import type { Plan } from "../plan";
import { withFailures } from "./failures";
import { recordInstances } from "./gpu-instances";
import { forgetGpus, recordGpus } from "./gpu-records";
import { planRestorer } from "./restorer";
import { rivalBlockers } from "./rivals";

/**
 * Adds to a plan what is restored at boot: the records of GPUs, and the restorer. The records of vGPUs are written when they are created.
 * Steps that create what the last boot could not restore get its reason.
 */
export function addRestore(facts: HostFacts, goals: readonly Goal[], planned: Plan): Plan {
  const restoring = goals.filter(isRestoring);
  if (!facts.restore.systemd) return mergePlans(planned, ...restoring.map(noteNoSystemd));
  const sriov = goals.filter((goal): goal is SriovGoal => goal.kind === "sriov");
  const withRecords = mergePlans(
    withFailures(facts, planned),
    ...sriov.map((goal) => recordGpus(facts, goal, planned)),
    recordInstances(facts, goals, planned),
    ...goals.map((goal) => forgetGpus(facts, goal, planned)),
  );
  return mergePlans(
    withRecords,
    planRestorer(facts, goals, withRecords),
    ...restoring.map((goal) => planBuilder(goal.key).blockedBy(rivalBlockers(facts, goal))),
  );
}

const isRestoring = (goal: Goal): goal is SriovGoal | VgpuGoal =>
  goal.kind !== "driver" && goal.kind !== "mig" && goal.restorer !== undefined;

const noteNoSystemd = (goal: SriovGoal | VgpuGoal): Plan =>
  goal.kind === "vgpus" && goal.desired.length === 0
    ? emptyPlan()
    : planBuilder(goal.key).noted("this host has no systemd, so nothing is restored after a reboot", {
        permanent: true,
      });
