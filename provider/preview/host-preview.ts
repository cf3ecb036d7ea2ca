import type { Identity } from "../model/facts/system";
import type { Plan } from "../plan";

interface HostName {
  /** As the fleet calls it. */
  host: string;
}

/** A host that was looked at. */
export interface PlannedHost extends HostName {
  status: "reachable";
  /** What `up` would do there; steps behind others that have to come first are foreseen, not read off the host. */
  plan: Plan;
  identity: Pick<Identity, "productUuid" | "machineId">;
}

/** What a host is in for, as far as it can be told without touching it. */
export type HostPreview =
  | PlannedHost
  /** It could not be looked at; why, in one sentence that says what to do. */
  | (HostName & { status: "unreachable"; reason: string })
  /** It is left alone; in the operator's words. */
  | (HostName & { status: "maintenance"; reason: string })
  /** What its plan depends on is made by the same program and not there yet: "connection". */
  | (HostName & { status: "pending"; waitingFor: string });
