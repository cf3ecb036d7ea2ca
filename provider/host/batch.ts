import type { Applied } from "../apply";
import { apply, runAtWork } from "../apply";
import { isUserError } from "../model/errors";
import type { Plan, Step } from "../plan";
import { planFor, stepsBeforeReboot } from "../plan";
import { clientName } from "./client-name";
import type { Decision } from "./decision";
import { decide, factsAreFreshEnough } from "./decision";
import type { Reading } from "./facts-reader";
import { asUserError, stepError } from "./failure";
import type { HostHandle } from "./host-handle";
import { isOtherMachine, isReimaged, otherMachineError } from "./identity";
import { ProgressReporter } from "./progress-reporter";
import type { QueuedRequest } from "./queued-request";
import { waitForReboot, waitForServices } from "./reboot";
import { uploadFile } from "./upload-file";

const defaultRebootSeconds = 1800;

/** Requests that are served together: one plan for all of them, and a new one after each run, until each has its answer. */
export class Batch {
  private readonly abortController = new AbortController();
  private readonly progress = new ProgressReporter(() => this.open);
  private readonly uploaded = new Set<string>();
  private plan: Plan = { steps: [], blockers: [], notes: [] };

  constructor(
    private readonly host: HostHandle,
    private readonly requests: readonly QueuedRequest[],
    private reading: Reading,
  ) {
    for (const { request } of requests)
      request.signal?.addEventListener("abort", () => this.stopIfAllAborted(), { once: true });
  }

  /** Answers all requests. Returns the facts read after the last run, or undefined if nothing was run. */
  async serve(): Promise<Reading | undefined> {
    let isChanged = false;
    try {
      for (;;) {
        await this.planAndAnswer();
        if (this.open.length === 0) return isChanged ? this.reading : undefined;
        await this.uploadFiles();
        const steps = this.steps;
        // An upload failed, and its request gets the error by the next plan.
        if (steps.length === 0) continue;
        isChanged = true;
        await this.applySteps(steps);
      }
    } catch (error) {
      this.answerAllWith(error);
      return undefined;
    } finally {
      this.progress.stop();
    }
  }

  private get open(): QueuedRequest[] {
    return this.requests.filter(({ isOpen, isAborted }) => isOpen && !isAborted);
  }

  /** Goals of the open requests that have not failed. */
  private get openKeys(): Set<string> {
    return new Set(this.open.filter(({ failure }) => !failure).map(({ key }) => key));
  }

  private get steps(): Step[] {
    return stepsBeforeReboot(this.plan, this.openKeys);
  }

  /** Plans, and answers the requests that the plan decides. Reads the host again first where its facts are too old for an answer. */
  private async planAndAnswer(): Promise<void> {
    for (;;) {
      this.makePlan();
      if (this.isBlockedDuringOtherRun) {
        await this.applySteps([]);
        continue;
      }
      const decisions = this.open.map((queued) => ({ queued, decision: this.decide(queued) }));
      const answers = decisions.filter(({ decision }) => decision.kind !== "continue");
      const decided = answers.map(({ queued }) => queued);
      if (factsAreFreshEnough(this.reading.begunAt, decided)) {
        for (const { queued, decision } of answers) this.answer(queued, decision);
        return;
      }
      const newest = Math.max(...decided.map(({ queuedAt }) => queuedAt));
      this.reading = await this.host.reader.readToChange(newest, this.abortController.signal);
    }
  }

  private makePlan(): void {
    const { facts } = this.reading;
    this.rejectOtherMachine();
    for (const queued of this.open) queued.keepFirstFacts(facts);
    // Answered requests stay in the plan: what belongs to them is not free for others.
    const goals = this.requests.map(({ request }) => request.goal);
    this.plan = this.host.dependencies.plan(facts, goals);
  }

  private decide(queued: QueuedRequest): Decision {
    return decide(queued, this.plan, this.openKeys, this.host.ssh.host);
  }

  private answer(queued: QueuedRequest, decision: Decision): void {
    queued.answer(this.reading.facts, this.plan, decision.kind === "failed" ? decision.failure : undefined);
  }

  /** A blocker found while another run is at work may come from that run: it holds the VFIO group of a device that it removes. */
  private get isBlockedDuringOtherRun(): boolean {
    const isBlocked = ({ key, failure }: QueuedRequest) => !failure && planFor(key, this.plan).blockers.length > 0;
    return this.reading.lastRun === runAtWork && this.open.some(isBlocked);
  }

  private rejectOtherMachine(): void {
    const { identity } = this.reading.facts.system;
    for (const queued of this.open) {
      const { expectedIdentity, refuse } = queued.request;
      const refusal = refuse?.(identity);
      if (refusal) queued.reject(refusal);
      if (!expectedIdentity || refusal) continue;
      if (isOtherMachine(expectedIdentity, identity))
        queued.reject(otherMachineError(this.host.ssh.host, expectedIdentity, identity));
      else if (isReimaged(expectedIdentity, identity))
        queued.reportOnce("the host was reinstalled since the last run: everything is planned again");
    }
  }

  private async uploadFiles(): Promise<void> {
    const { ssh, dependencies } = this.host;
    const { signal } = this.abortController;
    for (const queued of this.open) {
      const { upload, progress: report } = queued.request;
      const isNeeded =
        upload && this.steps.some((step) => step.requestedBy.includes(queued.key) && step.command.includes(upload.to));
      if (!isNeeded || this.uploaded.has(upload.to)) continue;
      try {
        await uploadFile(ssh, { upload, report, lostSeconds: dependencies.lostSeconds, signal });
        this.uploaded.add(upload.to);
      } catch (error) {
        if (!isUserError(error)) throw error;
        queued.failure = error;
      }
    }
  }

  /** Runs steps and reads the host after them. Without steps it waits for the run that is at work. */
  private async applySteps(steps: readonly Step[]): Promise<void> {
    const { ssh, reader, dependencies } = this.host;
    const { library, folder, probe, lostSeconds, silenceSeconds } = dependencies;
    const { bootId } = this.reading.facts.system.identity;
    const isServed = (key: string) => steps.length === 0 || steps.some((step) => step.requestedBy.includes(key));
    reader.forget();
    const applied = await apply(ssh, steps, {
      basedOnRun: this.reading.lastRun,
      library,
      folder,
      probe,
      lostSeconds,
      silenceSeconds,
      rebootSeconds: this.rebootSeconds,
      events: this.progress,
      signal: this.abortController.signal,
      requester: clientName([...this.openKeys].filter(isServed)),
    }).finally(() => reader.forget());
    this.recordRuns(applied);
    if (applied.error) throw applied.error;
    this.reading = await this.readAfter(applied, bootId);
  }

  private recordRuns({ results }: Applied): void {
    for (const queued of this.open) {
      const runs = results.filter(({ step }) => step.requestedBy.includes(queued.key));
      queued.recordRuns(planFor(queued.key, this.plan), runs);
      const observed = runs.filter(({ isUnknown }) => !isUnknown);
      queued.failure ??= stepError(observed, results, this.host.ssh.host);
    }
  }

  private async readAfter({ snapshot, rebooting }: Applied, bootId: string): Promise<Reading> {
    const { reader, dependencies, pollingSsh } = this.host;
    const { signal } = this.abortController;
    if (rebooting) {
      const report = (line: string) => this.progress.reportToAll(line);
      const { bootIdFile } = dependencies;
      await waitForReboot(pollingSsh, { bootId, bootIdFile, limitSeconds: this.rebootSeconds, report, signal });
    } else if (snapshot) {
      const reading = reader.take(snapshot);
      if (reading.facts.system.identity.bootId === bootId) return reading;
      // The host had rebooted before we reconnected.
      await waitForServices(pollingSsh, signal);
    }
    reader.forget();
    return reader.readToChange(performance.now(), signal);
  }

  private get rebootSeconds(): number {
    return Math.max(...this.open.map(({ request }) => request.rebootSeconds ?? defaultRebootSeconds));
  }

  /** Ends all open requests. Where steps were run, the answer has them, so that the state records them although the host could not be read. */
  private answerAllWith(error: unknown): void {
    for (const queued of this.open) {
      if (queued.runs.length === 0) queued.reject(error);
      else queued.answer(this.reading.facts, this.plan, queued.failure ?? asUserError(error, this.host.ssh.host));
    }
  }

  private stopIfAllAborted(): void {
    if (this.open.length === 0) this.abortController.abort(new Error("all requests were cancelled"));
  }
}
