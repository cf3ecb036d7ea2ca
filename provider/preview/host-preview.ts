import type { Identity } from "../model/facts/system";
import type { Plan } from "../plan";

interface HostName {
  /** Name of the host in the fleet. */
  host: string;
}

/** A host that was probed and planned. */
export interface PlannedHost extends HostName {
  status: "reachable";
  /** What `up` would do. Steps that depend on others are planned with simulated facts. */
  plan: Plan;
  /** A part of the declaration was not compared, because its facts are not readable for this login. */
  isPartlyRead?: boolean;
  identity: Pick<Identity, "productUuid" | "machineId">;
}

/** A host of a program as the outputs of its resources show it. It was not planned here. */
export type RegisteredHost = HostName &
  (
    | { status: "inSync"; identity: PlannedHost["identity"] }
    /** Pulumi changes some of its resources. */
    | { status: "changing"; identity?: PlannedHost["identity"] }
    /** Nothing is planned or done there, because the last refresh could not read it. The refresh reports the reason. */
    | { status: "unread" }
    | { status: "blocked" | "failed" }
    /** "the canary gpu01, which failed" */
    | { status: "waiting"; waitingFor: string }
  );

/** What `up` would do on a host, or why that is not known. */
export type HostPreview =
  | PlannedHost
  /** It could not be probed. The reason includes what to do. */
  | (HostName & { status: "unreachable"; reason: string })
  /** It is skipped. The reason is the operator's. */
  | (HostName & { status: "maintenance"; reason: string })
  /** The plan depends on an output that is not known yet: "connection". */
  | (HostName & { status: "pending"; waitingFor: string });
