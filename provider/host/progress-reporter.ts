import type { AppliedStep, RunEvents } from "../apply";
import { seconds } from "../apply";
import type { Step } from "../plan";
import type { QueuedRequest } from "./queued-request";

/** A progress line is printed at least this often. */
const silenceMs = 10_000;

/** A host that is at work sends a sign of life every ten seconds (follow.sh). */
const suspiciousSilenceSeconds = 20;

/** Reports the progress of steps to the requests that they are made for. */
export class ProgressReporter implements RunEvents {
  private current: { step: Step; since: number; lastOutput: string } | undefined;
  private lastLine = 0;
  private lastWait = "";
  private waitingSince: number | undefined;
  /** Why the host reboots, if another run reboots it. */
  private reboot: string | undefined;
  private loss: { since: number; isReported: boolean } | undefined;
  private readonly timer = setInterval(() => this.reportDuringSilence(), 1000).unref();

  constructor(private readonly requests: () => readonly QueuedRequest[]) {}

  stepStarted(step: Step): void {
    this.current = { step, since: performance.now(), lastOutput: "" };
    this.report(step, `${step.title}: ${step.reason}`);
  }

  stepOutput(step: Step, line: string, forPeople: boolean): void {
    // Programs print too much for a log. Only their last line is reported after a silence.
    if (forPeople) this.report(step, line.trim());
    else if (this.current) this.current.lastOutput = line.split("\r").pop()!.trim();
  }

  stepEnded({ step, result, seconds: took }: AppliedStep): void {
    this.current = undefined;
    this.report(step, `${step.title}: ${result === "done" ? "done" : "failed"} after ${seconds(took)}`);
  }

  waiting(otherRun: string): void {
    this.waitingSince ??= performance.now();
    const isNews = otherRun !== this.lastWait || performance.now() - this.lastLine >= silenceMs;
    if (!isNews) return;
    this.lastWait = otherRun;
    const [requester, ...step] = otherRun.split(": ");
    this.reportToAll(`waiting for ${requester}, ${secondsSince(this.waitingSince)} so far: ${step.join(": ")}`);
  }

  rebooting(reason: string): void {
    if (reason === this.reboot) return;
    this.reboot = reason;
    this.reportToAll(`the host reboots: ${reason}`);
  }

  remark(line: string): void {
    this.lastLine = performance.now();
    for (const queued of this.requests()) queued.reportOnce(line);
  }

  silent(count: number): void {
    if (count < suspiciousSilenceSeconds || performance.now() - this.lastLine < silenceMs) return;
    this.reportToAll(`the host has sent nothing for ${seconds(count)}, although the connection is up`);
  }

  connectionLost(): void {
    this.loss ??= { since: performance.now(), isReported: false };
  }

  connectionRestored(): void {
    this.loss = undefined;
  }

  reportToAll(line: string): void {
    this.send(this.requests(), line);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private reportDuringSilence(): void {
    const isSilent = performance.now() - this.lastLine >= silenceMs;
    if (this.loss) return this.reportLoss(this.loss, isSilent);
    if (!this.current || !isSilent) return;
    const { step, since, lastOutput } = this.current;
    this.report(step, `${step.title}: ${secondsSince(since)} so far${lastOutput && ` (${lastOutput})`}`);
  }

  /** Reports a lost connection, if it lasts longer than a second. */
  private reportLoss(loss: { since: number; isReported: boolean }, isSilent: boolean): void {
    if (performance.now() - loss.since < 1000 || (loss.isReported && !isSilent)) return;
    loss.isReported = true;
    if (this.reboot)
      return this.reportToAll(
        `the host reboots and has been unreachable for ${secondsSince(loss.since)}: ${this.reboot}`,
      );
    const what = this.current?.step.requiresReboot ? "the host reboots" : "the run on the host continues";
    this.reportToAll(`the connection was lost ${secondsSince(loss.since)} ago; ${what}`);
  }

  private report(step: Step, line: string): void {
    this.send(
      this.requests().filter(({ key }) => step.requestedBy.includes(key)),
      line,
    );
  }

  private send(requests: readonly QueuedRequest[], line: string): void {
    this.lastLine = performance.now();
    for (const { request } of requests) request.progress(line);
  }
}

const secondsSince = (time: number): string => seconds(Math.round((performance.now() - time) / 1000));
