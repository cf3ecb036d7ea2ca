import type { StepRun } from "../apply";
import type { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import type { Plan } from "../plan";
import { planFor } from "../plan";
import type { Outcome, Request } from "./host";

/** A request that waits for its answer. */
export class QueuedRequest {
  /** On the clock of performance.now(). */
  readonly queuedAt = performance.now();
  readonly runs: StepRun[] = [];
  failure: UserError | undefined;
  isOpen = true;
  private found: HostFacts | undefined;
  private readonly reported = new Set<string>();
  /** The steps that were planned for it before each run so far. */
  private readonly tried = new Set<string>();
  /** Reboots that were made for it. */
  private readonly rebootedFor = new Set<string>();

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

  /** Returns false if the same steps were run before, or a reboot for the same reason was made: repeating them will not help. */
  isUntried(part: Plan): boolean {
    const reboot = part.steps.find(({ requiresReboot }) => requiresReboot);
    return !this.tried.has(stepIds(part)) && !(reboot && this.rebootedFor.has(reboot.id));
  }

  /** Records the runs of steps that were made for it, and its part of the plan before them. */
  recordRuns(part: Plan, runs: readonly StepRun[]): void {
    if (runs.some(({ isUnknown }) => !isUnknown)) this.tried.add(stepIds(part));
    for (const { step, result } of runs) if (step.requiresReboot && result === "done") this.rebootedFor.add(step.id);
    this.runs.push(...runs);
  }

  /** Keeps the facts of the first plan for the outcome. */
  keepFirstFacts(facts: HostFacts): void {
    this.found ??= facts;
  }

  reportOnce(line: string): void {
    if (!this.reported.has(line)) this.request.progress(line);
    this.reported.add(line);
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

const stepIds = (part: Plan): string => JSON.stringify(part.steps.map(({ id }) => id).sort());
