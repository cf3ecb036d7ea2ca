import type { Applied } from "../apply";
import { apply, runAtWork } from "../apply";
import { isUserError, UserError } from "../model/errors";
import type { Plan, Step } from "../plan";
import { planFor, runnableSteps, stepsBeforeReboot } from "../plan";
import type { HostHandle } from "./dependencies";
import type { Reading } from "./facts-reader";
import { blockedError, noEffectError, stepError } from "./failure";
import { isOtherMachine, isReimaged, otherMachineError } from "./identity";
import { ownerText } from "./owner";
import { ProgressReporter } from "./progress-reporter";
import type { QueuedRequest } from "./queued-request";
import { waitForReboot, waitForServices } from "./reboot";
import { uploadFile } from "./upload-file";

const defaultRebootSeconds = 1800;

/** Requests that are served together: one plan for all, and again one from fresh facts, until each has its answer. */
export class Batch {
  private readonly control = new AbortController();
  private readonly progress = new ProgressReporter(() => this.open);
  private readonly uploaded = new Set<string>();
  private plan: Plan = { steps: [], blockers: [], notes: [] };

  constructor(
    private readonly machine: HostHandle,
    private readonly members: readonly QueuedRequest[],
    private reading: Reading,
  ) {
    for (const { request } of members)
      request.signal?.addEventListener("abort", () => this.stopIfUnwanted(), { once: true });
  }

  /** Returns the facts read behind the last apply, if anything was applied. */
  async serve(): Promise<Reading | undefined> {
    let isChanged = false;
    try {
      for (;;) {
        await this.planAndAnswer();
        if (this.open.length === 0) return isChanged ? this.reading : undefined;
        await this.uploadFiles();
        const steps = this.steps;
        if (steps.length === 0) continue;
        isChanged = true;
        await this.round(steps);
      }
    } catch (error) {
      this.giveUp(error);
      return undefined;
    } finally {
      this.progress.stop();
    }
  }

  private get open(): QueuedRequest[] {
    return this.members.filter(({ isOpen, isAborted }) => isOpen && !isAborted);
  }

  /** Of those who still wait, and whom nothing has failed yet. */
  private get keys(): Set<string> {
    return new Set(this.open.filter(({ failure }) => !failure).map(({ key }) => key));
  }

  private get steps(): Step[] {
    return stepsBeforeReboot(this.plan, this.keys);
  }

  /** No answer rests on facts that are older than its question. */
  private async planAndAnswer(): Promise<void> {
    for (;;) {
      const { facts, begunAt } = this.reading;
      this.refuseOtherMachine();
      // Those who have their answer stay in the plan: what is theirs is not free for others.
      for (const member of this.open) member.see(facts);
      this.plan = this.machine.dependencies.plan(
        facts,
        this.members.map(({ request }) => request.goal),
      );
      if (this.isBlockedByRun) {
        await this.round([]);
        continue;
      }
      const decided = this.open.flatMap((member) => this.decide(member) ?? []);
      const newest = Math.max(...decided.map(({ member }) => member.since));
      if (newest <= begunAt || decided.length === 0) {
        for (const { member, failure } of decided) member.answer(facts, this.plan, failure);
        return;
      }
      this.reading = await this.machine.reader.read(newest, this.control.signal);
    }
  }

  /** What is in the way while another run is at work may be of its making: it holds the VFIO group of a device that it removes. */
  private get isBlockedByRun(): boolean {
    const isBlocked = ({ key, failure }: QueuedRequest) => !failure && planFor(key, this.plan).blockers.length > 0;
    return this.reading.lastRun === runAtWork && this.open.some(isBlocked);
  }

  /** How it ends for one of them; undefined: it goes on. */
  private decide(member: QueuedRequest): { member: QueuedRequest; failure?: UserError } | undefined {
    const {
      request: { goal },
      key,
      runs,
      failure,
    } = member;
    const { host } = this.machine.ssh;
    const part = planFor(key, this.plan);
    if (failure) return { member, failure };
    if (part.blockers.length > 0) return { member, failure: blockedError(goal, part, host) };
    if (part.steps.length === 0) return { member };
    const goesOn =
      member.isNew(part) && runnableSteps(this.plan, this.keys).some((step) => step.requestedBy.includes(key));
    return goesOn ? undefined : { member, failure: noEffectError(part, runs, host) };
  }

  private refuseOtherMachine(): void {
    const { identity } = this.reading.facts.system;
    for (const member of this.open) {
      const { expectedIdentity } = member.request;
      if (!expectedIdentity) continue;
      if (isOtherMachine(expectedIdentity, identity))
        member.reject(otherMachineError(this.machine.ssh.host, expectedIdentity, identity));
      else if (isReimaged(expectedIdentity, identity))
        member.tellOnce("the host was installed anew since it was last seen: everything is planned afresh");
    }
  }

  private async uploadFiles(): Promise<void> {
    for (const member of this.open) {
      const { upload, progress } = member.request;
      const isNeeded =
        upload && this.steps.some((step) => step.requestedBy.includes(member.key) && step.command.includes(upload.to));
      if (!isNeeded || this.uploaded.has(upload.to)) continue;
      try {
        const { ssh, dependencies } = this.machine;
        await uploadFile(ssh, {
          upload,
          tell: progress,
          lostSeconds: dependencies.lostSeconds,
          signal: this.control.signal,
        });
        this.uploaded.add(upload.to);
      } catch (error) {
        if (!isUserError(error)) throw error;
        member.failure = error;
      }
    }
  }

  private async round(steps: readonly Step[]): Promise<void> {
    const { ssh, reader, dependencies } = this.machine;
    const before = this.reading.facts.system.identity.bootId;
    const { progress } = this;
    reader.forget();
    const applied = await apply(ssh, steps, {
      basedOnRun: this.reading.lastRun,
      library: dependencies.library,
      folder: dependencies.folder,
      probe: dependencies.probe,
      lostSeconds: dependencies.lostSeconds,
      silenceSeconds: dependencies.silenceSeconds,
      rebootSeconds: this.rebootSeconds,
      events: progress,
      signal: this.control.signal,
      owner: ownerText(
        [...this.keys].filter((key) => steps.length === 0 || steps.some((step) => step.requestedBy.includes(key))),
      ),
    }).finally(() => reader.forget());
    for (const member of this.open) {
      const runs = applied.results.filter(({ step }) => step.requestedBy.includes(member.key));
      member.try(planFor(member.key, this.plan), runs);
      member.failure ??= stepError(
        runs.filter(({ isUnknown }) => !isUnknown),
        applied.results,
        ssh.host,
      );
    }
    if (applied.error) throw applied.error;
    this.reading = await this.readBehind(applied, before);
  }

  private async readBehind({ snapshot, rebooting }: Applied, bootId: string): Promise<Reading> {
    const { reader, dependencies, pollingSsh } = this.machine;
    const { signal } = this.control;
    if (rebooting) {
      const tell = (line: string) => this.progress.all(line);
      await waitForReboot(pollingSsh, {
        bootId,
        bootIdFile: dependencies.bootIdFile,
        limitSeconds: this.rebootSeconds,
        tell,
        signal,
      });
    } else if (snapshot) {
      const reading = reader.take(snapshot);
      if (reading.facts.system.identity.bootId === bootId) return reading;
      // It came back before we did.
      await waitForServices(pollingSsh, signal);
    }
    reader.forget();
    return reader.read(performance.now(), signal);
  }

  private get rebootSeconds(): number {
    return Math.max(...this.open.map(({ request }) => request.rebootSeconds ?? defaultRebootSeconds));
  }

  /** Nobody may lose what was done for them: state has to know of it, even if how it looks now is not known. */
  private giveUp(error: unknown): void {
    for (const member of this.open) {
      if (member.runs.length === 0) member.reject(error);
      else member.answer(this.reading.facts, this.plan, member.failure ?? asUserError(error, this.machine.ssh.host));
    }
  }

  private stopIfUnwanted(): void {
    if (this.open.length === 0) this.control.abort(new Error("nobody waits for it any more"));
  }
}

const asUserError = (error: unknown, host: string): UserError =>
  isUserError(error)
    ? error
    : new UserError({ action: "see what became of the steps", host, cause: String(error), hint: "Run it again." });
