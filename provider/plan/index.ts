import type { HostFacts } from "../model/facts/host-facts";
import type { CardDesire, Desire, DriverDesire, SriovDesire } from "./desire";
import { planDriver } from "./driver";
import { inOrder, type Plan } from "./plan";
import { planSriov } from "./sriov";
import { planCards } from "./vgpu";

export * from "./desire";
export type { Pin } from "./pinned";
export * from "./plan";

/**
 * What is to be done on a host so that all desires come true, in the order that loses nothing (B100): driver, virtual
 * functions, vGPUs. No clock, no connection: the same facts and desires give the same plan, empty when nothing is to be done.
 */
export function plan(facts: HostFacts, desires: readonly Desire[]): Plan {
  const of = <K extends Desire["kind"]>(kind: K) => desires.filter((desire) => desire.kind === kind);
  const cards = of("card") as CardDesire[];
  return inOrder([
    ...(of("driver") as DriverDesire[]).map((desire) => planDriver(facts, desire, cards)),
    ...(of("sriov") as SriovDesire[]).map((desire) => planSriov(facts, desire, cards)),
    planCards(facts, cards),
  ]);
}
