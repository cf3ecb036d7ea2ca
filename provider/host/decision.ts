import type { UserError } from "../model/errors";
import type { Plan } from "../plan";
import { planFor, runnableSteps } from "../plan";
import { blockedError, noEffectError } from "./failure";
import type { QueuedRequest } from "./queued-request";

/** What a plan means for one request: it is answered, or its steps are run. */
export type Decision = { kind: "done" } | { kind: "failed"; failure: UserError } | { kind: "continue" };

/** Decides on a request. `openKeys` are the goals of all requests that are still worked on. */
export function decide(queued: QueuedRequest, plan: Plan, openKeys: ReadonlySet<string>, host: string): Decision {
  const { key, request, runs, failure } = queued;
  const part = planFor(key, plan);
  if (failure) return { kind: "failed", failure };
  if (part.blockers.length > 0) return { kind: "failed", failure: blockedError(request.goal, part, host) };
  if (part.steps.length === 0) return { kind: "done" };
  const canContinue =
    queued.isUntried(part) && runnableSteps(plan, openKeys).some((step) => step.requestedBy.includes(key));
  return canContinue ? { kind: "continue" } : { kind: "failed", failure: noEffectError(part, runs, host) };
}

/**
 * Returns whether the facts of a reading may answer all requests that are decided: an answer must not rest on facts that are older than
 * its request. Requests that continue need no fresh facts, since the host is read again after their steps.
 */
export const factsAreFreshEnough = (readingBegunAt: number, decided: readonly QueuedRequest[]): boolean =>
  decided.every(({ queuedAt }) => queuedAt <= readingBegunAt);
