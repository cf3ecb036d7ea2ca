import type { AppliedStep } from "../apply";
import type { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import type { Goal, Plan } from "../plan";
import type { Expected } from "./identity";

export interface FactsOptions {
  /** Maximum age of the facts. Default: 600 000, the time of a long refresh. Changes that this process applied are always included. */
  maxAgeMs?: number;
  signal?: AbortSignal;
}

/** One machine. Callers at the same time share one reading, and changes are made by one plan at a time. */
export interface Host {
  /** user@host:port, for messages. */
  readonly name: string;
  facts(options?: FactsOptions): Promise<HostFacts>;
  /** Returns the facts that this process read last, however old, or undefined. Reads nothing. Previews plan from them after a refresh. */
  lastFacts(): HostFacts | undefined;
  /**
   * Reaches a goal, together with all others that wait for this host. Rejects when nothing was applied for it and the host
   * could not be read or is another machine. All other errors are in the outcome.
   */
  ensure(request: Request): Promise<Outcome>;
}

export type { AppliedStep };

/** A request to a host: the goal is to be reached when the answer comes. */
export interface Request {
  goal: Goal;
  /** The machine that the state belongs to. Another one behind the same address is not changed. */
  expectedIdentity?: Expected;
  /** Returns why a machine must not be changed for this request. */
  refuse?: (identity: Expected) => UserError | undefined;
  /** A local file that is uploaded to `to` when a step of the plan needs it. */
  upload?: { from: string; to: string };
  /** Called with each progress line that concerns the goal of this request. */
  progress: (line: string) => void;
  /** How long the host may be unreachable during a reboot. Default: 1800. */
  rebootSeconds?: number;
  signal?: AbortSignal;
}

/** The result of a request. After a failure some steps may have been done; then the state has to record them. */
export interface Outcome {
  /** Read before the first step. */
  found: HostFacts;
  /** Read after the last step. */
  facts: HostFacts;
  /** What is left to do for this goal; empty when it is reached. */
  remaining: Plan;
  /** What was done for this goal, in order. */
  applied: AppliedStep[];
  failure?: UserError;
}
