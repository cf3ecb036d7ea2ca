import type { HostFacts } from "../../model/facts/host-facts";
import type { DriverDesire } from "../desire";
import { nothing, type Plan } from "../plan";

/** What is to be done on a host so that its driver is as wanted. */
export function planDriver(_facts: HostFacts, _desire: DriverDesire): Plan {
  return nothing();
}
