import type { HostFacts } from "../../model/facts/host-facts";
import type { CardDesire } from "../desire";
import { nothing, type Plan } from "../plan";

/** What is to be done so that cards carry the vGPUs that are wanted. */
export function planCards(_facts: HostFacts, _desires: readonly CardDesire[]): Plan {
  return nothing();
}
