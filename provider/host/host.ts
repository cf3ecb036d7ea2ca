import type { AppliedStep } from "../apply";
import type { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import type { Identity } from "../model/facts/system";
import type { Goal, Plan } from "../plan";

export interface FactsOptions {
  /** How long ago they may have been read. Default: 30 000; what was applied since is always in them. */
  maxAgeMs?: number;
  signal?: AbortSignal;
}

/** A machine as this process sees it: read at most once for all who ask at the same time, changed by one plan at a time. */
export interface Host {
  /** user@host:port, for messages. */
  readonly name: string;
  facts(options?: FactsOptions): Promise<HostFacts>;
  /**
   * Makes a goal true, together with all others that wait for this host. Rejects when nothing was applied for it and the
   * host could not be read or is another machine; whatever else goes wrong stands in the outcome.
   */
  ensure(request: Request): Promise<Outcome>;
}

export type { AppliedStep };

/** What somebody asks of a host: that a goal be true when the answer comes. */
export interface Request {
  goal: Goal;
  /** The machine that the state speaks of; another one behind the same address is not touched. */
  expectedIdentity?: Pick<Identity, "productUuid" | "machineId">;
  /** A local file that is brought to `to` when the plan wants to run it. */
  upload?: { from: string; to: string };
  /** Called with each thing that is worth a line while it happens; for the goal of this request only. */
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
  /** What is still to be done for this goal; empty when it came true. */
  remaining: Plan;
  /** What was done for this goal, in order. */
  applied: AppliedStep[];
  failure?: UserError;
}
