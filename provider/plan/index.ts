import type { HostFacts } from "../model/facts/host-facts";
import { planDriver } from "./driver";
import type { DriverGoal, Goal, SriovGoal, VgpuGoal } from "./goal";
import type { Plan } from "./plan";
import { mergePlans } from "./plan";
import { planSriov } from "./sriov";
import { planVgpus } from "./vgpu";

export * from "./goal";
export type { Pin } from "./gpu/pin";
export * from "./plan";

/**
 * What is to be done on a host so that all goals come true, in the order that loses nothing (B100): driver, virtual
 * functions, vGPUs. No clock, no connection: the same facts and goals give the same plan, empty when nothing is to be done.
 */
export function plan(facts: HostFacts, goals: readonly Goal[]): Plan {
  const of = <K extends Goal["kind"]>(kind: K) => goals.filter((goal) => goal.kind === kind);
  const cards = of("vgpus") as VgpuGoal[];
  return mergePlans([
    ...(of("driver") as DriverGoal[]).map((goal) => planDriver(facts, goal, cards)),
    ...(of("sriov") as SriovGoal[]).map((goal) => planSriov(facts, goal, cards)),
    planVgpus(facts, cards),
  ]);
}
