import type { AppliedStep } from "../apply";
import type { HostFacts } from "../model/facts/host-facts";
import type { Identity } from "../model/facts/system";
import type { UserError } from "../model/errors";
import type { Desire, Plan } from "../plan";

export type { AppliedStep };

/** What somebody asks of a host: that a desire be true when the answer comes. */
export interface Request {
  desire: Desire;
  /** The machine that the state speaks of; another one behind the same address is not touched. */
  expecting?: Pick<Identity, "productUuid" | "machineId">;
  /** A local file that is brought to `to` when the plan wants to run it. */
  upload?: { from: string; to: string };
  /** Called with each thing that is worth a line while it happens; for the desire of this request only. */
  progress: (line: string) => void;
  /** How long the host may be away for a reboot. Default: 1800. */
  rebootSeconds?: number;
  signal?: AbortSignal;
}

/** How it ended. Something may have been done even though it failed; then the state has to say so. */
export interface Outcome {
  /** Read before the first step. */
  found: HostFacts;
  /** Read after the last step. */
  facts: HostFacts;
  /** What is still to be done for this desire; empty when it came true. */
  remaining: Plan;
  /** What was done for this desire, in order. */
  applied: AppliedStep[];
  failure?: UserError;
}
