import type { HostFacts } from "../../model/facts/host-facts";
import type { SriovDesire } from "../desire";
import { nothing, type Plan } from "../plan";

/** What is to be done so that GPUs have their virtual functions on, or off. */
export function planSriov(_facts: HostFacts, _desire: SriovDesire): Plan {
  return nothing();
}
