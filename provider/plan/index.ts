import type { HostFacts } from "../model/facts/host-facts";
import { mergePlans } from "./builder";
import { planDriver } from "./driver";
import type { Goal } from "./goal";
import { planMig } from "./mig";
import type { Plan } from "./plan";
import { addRestore } from "./restore";
import { planSriov } from "./sriov";
import { planVgpus } from "./vgpu";

export { emptyPlan, mergePlans, step } from "./builder";
export * from "./goal";
export * from "./plan";

/**
 * Plans all goals of a host, in the order that loses nothing (B100): driver, MIG mode, virtual functions, vGPUs. It has no clock and no
 * connection: the same facts and goals give the same plan, which is empty when the goals are met.
 */
export function plan(facts: HostFacts, goals: readonly Goal[]): Plan {
  const of = <K extends Goal["kind"]>(kind: K) =>
    goals.filter((goal): goal is Extract<Goal, { kind: K }> => goal.kind === kind);
  const vgpuGoals = of("vgpus");
  const planned = mergePlans(
    ...of("driver").map((goal) => planDriver(facts, goal, vgpuGoals)),
    ...of("mig").map((goal) => planMig(facts, goal, vgpuGoals)),
    ...of("sriov").map((goal) => planSriov(facts, goal, vgpuGoals)),
    planVgpus(facts, vgpuGoals),
  );
  return addRestore(facts, goals, planned);
}
