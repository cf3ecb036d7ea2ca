import type { Identity } from "../model/facts/system";
import type { Plan } from "../plan";

interface Named {
  /** As the fleet calls it. */
  host: string;
}

/** A host that was looked at. */
export interface SeenHost extends Named {
  is: "seen";
  /** What `up` would do there; steps behind others that have to come first are foreseen, not read off the host. */
  plan: Plan;
  identity: Pick<Identity, "productUuid" | "machineId">;
}

/** What a host is in for, as far as it can be told without touching it. */
export type Outlook =
  | SeenHost
  /** It could not be looked at; why, in one sentence that says what to do. */
  | (Named & { is: "away"; because: string })
  /** It is left alone; in the operator's words. */
  | (Named & { is: "in maintenance"; because: string })
  /** What its plan depends on is made by the same program and not there yet: "connection". */
  | (Named & { is: "unknown"; waitsFor: string });
