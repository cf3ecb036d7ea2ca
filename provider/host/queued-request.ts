import type { StepRun } from "../apply";
import type { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import type { Plan } from "../plan";
import { planFor } from "../plan";
import type { Outcome, Request } from "./host";

/** One request on its way to its answer. */
export class QueuedRequest {
  /** When it came, on the clock of performance.now(). */
  readonly since = performance.now();
  readonly runs: StepRun[] = [];
  failure: UserError | undefined;
  isOpen = true;
  private found: HostFacts | undefined;
  private readonly told = new Set<string>();
  /** What was to be done for it before each of the rounds so far. */
  private readonly tried = new Set<string>();
  /** Reboots that were made for it. */
  private readonly rebooted = new Set<string>();

  constructor(
    readonly request: Request,
    private readonly resolve: (outcome: Outcome) => void,
    private readonly rejectPromise: (reason: unknown) => void,
  ) {}

  get key(): string {
    return this.request.goal.key;
  }

  get isAborted(): boolean {
    return this.request.signal?.aborted === true;
  }

  /** False when all this was to be done once before, or comes to a reboot for the same reason: then doing it again will not help. */
  isNew(part: Plan): boolean {
    const next = part.steps.find(({ requiresReboot }) => requiresReboot);
    return !this.tried.has(idsOf(part)) && !(next && this.rebooted.has(next.id));
  }

  try(part: Plan, runs: readonly StepRun[]): void {
    if (runs.some(({ isUnknown }) => !isUnknown)) this.tried.add(idsOf(part));
    for (const { step, result } of runs) if (step.requiresReboot && result === "done") this.rebooted.add(step.id);
    this.runs.push(...runs);
  }

  /** Facts that a plan for it rests on; those of the first plan are kept. */
  see(facts: HostFacts): void {
    this.found ??= facts;
  }

  tellOnce(line: string): void {
    if (!this.told.has(line)) this.request.progress(line);
    this.told.add(line);
  }

  answer(facts: HostFacts, plan: Plan, failure: UserError | undefined): void {
    this.isOpen = false;
    const applied = this.runs.map(({ step, result, seconds, output }) => ({ step, result, seconds, output }));
    this.resolve({
      found: this.found ?? facts,
      facts,
      remaining: planFor(this.key, plan),
      applied,
      ...(failure && { failure }),
    });
  }

  reject(reason: unknown): void {
    this.isOpen = false;
    this.rejectPromise(reason);
  }
}

const idsOf = (part: Plan): string => JSON.stringify(part.steps.map(({ id }) => id).sort());
