import { apply, runAtWork, type Applied } from "../apply";
import { isUserError, UserError } from "../model/errors";
import { partFor, type Plan, type Step } from "../plan";
import { bring } from "./bring";
import type { Reading } from "./facts-reader";
import { isOtherMachine, isReimaged, otherMachine } from "./identity";
import type { Machine } from "./machine";
import type { Member } from "./member";
import { ownerText } from "./owner";
import { comeBack, settle } from "./reboot";
import { doable, stepsToRun } from "./steps-to-run";
import { Teller } from "./teller";
import { blocked, failed, unmoved } from "./verdict";

const defaultRebootSeconds = 1800;

/** Requests that are served together: one plan for all, and again one from fresh facts, until each has its answer. */
export class Batch {
  private readonly control = new AbortController();
  private readonly teller = new Teller(() => this.open);
  private readonly brought = new Set<string>();
  private plan: Plan = { steps: [], blockers: [], notes: [] };

  constructor(private readonly machine: Machine, private readonly members: readonly Member[], private reading: Reading) {
    for (const { request } of members) request.signal?.addEventListener("abort", () => this.stopIfUnwanted(), { once: true });
  }

  /** Returns the facts read behind the last apply, if anything was applied. */
  async serve(): Promise<Reading | undefined> {
    let isChanged = false;
    try {
      for (;;) {
        await this.planAndAnswer();
        if (this.open.length === 0) return isChanged ? this.reading : undefined;
        await this.bringFiles();
        const steps = this.steps;
        if (steps.length === 0) continue;
        isChanged = true;
        await this.round(steps);
      }
    } catch (error) {
      this.giveUp(error);
      return undefined;
    } finally {
      this.teller.stop();
    }
  }

  private get open(): Member[] {
    return this.members.filter(({ isOpen, isAborted }) => isOpen && !isAborted);
  }

  /** Of those who still wait, and whom nothing has failed yet. */
  private get keys(): Set<string> {
    return new Set(this.open.filter(({ failure }) => !failure).map(({ key }) => key));
  }

  private get steps(): Step[] {
    return stepsToRun(this.plan, this.keys);
  }

  /** No answer rests on facts that are older than its question. */
  private async planAndAnswer(): Promise<void> {
    for (;;) {
      const { facts, begunAt } = this.reading;
      this.refuseOtherMachine();
      // Those who have their answer stay in the plan: what is theirs is not free for others.
      for (const member of this.open) member.see(facts);
      this.plan = this.machine.means.plan(facts, this.members.map(({ request }) => request.desire));
      if (this.isBlockedByRun) {
        await this.round([]);
        continue;
      }
      const decided = this.open.flatMap((member) => this.verdict(member) ?? []);
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
    const isBlocked = ({ key, failure }: Member) => !failure && partFor(key, this.plan).blockers.length > 0;
    return this.reading.lastRun === runAtWork && this.open.some(isBlocked);
  }

  /** How it ends for one of them; undefined: it goes on. */
  private verdict(member: Member): { member: Member; failure?: UserError } | undefined {
    const { request: { desire }, key, runs, failure } = member;
    const { host } = this.machine.ssh;
    const part = partFor(key, this.plan);
    if (failure) return { member, failure };
    if (part.blockers.length > 0) return { member, failure: blocked(desire, part, host) };
    if (part.steps.length === 0) return { member };
    const goesOn = member.isNew(part) && doable(this.plan, this.keys).some((step) => step.for.includes(key));
    return goesOn ? undefined : { member, failure: unmoved(part, runs, host) };
  }

  private refuseOtherMachine(): void {
    const { identity } = this.reading.facts.system;
    for (const member of this.open) {
      const { expecting } = member.request;
      if (!expecting) continue;
      if (isOtherMachine(expecting, identity)) member.reject(otherMachine(this.machine.ssh.host, expecting, identity));
      else if (isReimaged(expecting, identity)) member.tellOnce("the host was installed anew since it was last seen: everything is planned afresh");
    }
  }

  private async bringFiles(): Promise<void> {
    for (const member of this.open) {
      const { upload, progress } = member.request;
      const isNeeded = upload && this.steps.some((step) => step.for.includes(member.key) && step.run.includes(upload.to));
      if (!isNeeded || this.brought.has(upload.to)) continue;
      try {
        const { ssh, means } = this.machine;
        await bring(ssh, { upload, tell: progress, lostSeconds: means.lostSeconds, signal: this.control.signal });
        this.brought.add(upload.to);
      } catch (error) {
        if (!isUserError(error)) throw error;
        member.failure = error;
      }
    }
  }

  private async round(steps: readonly Step[]): Promise<void> {
    const { ssh, reader, means } = this.machine;
    const before = this.reading.facts.system.identity.bootId;
    const { teller } = this;
    reader.forget();
    const applied = await apply(ssh, steps, {
      seen: this.reading.lastRun, library: means.library, folder: means.folder, probe: means.probe, lostSeconds: means.lostSeconds,
      silenceSeconds: means.silenceSeconds, rebootSeconds: this.rebootSeconds, events: teller, signal: this.control.signal,
      owner: ownerText([...this.keys].filter((key) => steps.length === 0 || steps.some((step) => step.for.includes(key)))),
    }).finally(() => reader.forget());
    for (const member of this.open) {
      const runs = applied.results.filter(({ step }) => step.for.includes(member.key));
      member.try(partFor(member.key, this.plan), runs);
      member.failure ??= failed(runs.filter(({ isUnknown }) => !isUnknown), applied.results, ssh.host);
    }
    if (applied.error) throw applied.error;
    this.reading = await this.readBehind(applied, before);
  }

  private async readBehind({ look, rebooting }: Applied, bootId: string): Promise<Reading> {
    const { reader, means, restless } = this.machine;
    const { signal } = this.control;
    if (rebooting) {
      const tell = (line: string) => this.teller.all(line);
      await comeBack(restless, { bootId, bootIdFile: means.bootIdFile, limitSeconds: this.rebootSeconds, tell, signal });
    } else if (look) {
      const reading = reader.take(look);
      if (reading.facts.system.identity.bootId === bootId) return reading;
      // It came back before we did.
      await settle(restless, signal);
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
  isUserError(error) ? error : new UserError({ tried: "see what became of the steps", host, seen: String(error), next: "Run it again." });
