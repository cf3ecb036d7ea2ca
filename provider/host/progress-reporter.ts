import type { AppliedStep, RunEvents } from "../apply";
import { seconds } from "../apply";
import type { Step } from "../plan";
import type { QueuedRequest } from "./queued-request";

/** Silence longer than this worries people. */
const silenceMs = 10_000;

/** A host that is at work gives a sign of life every ten seconds. */
const strangeSilenceSeconds = 20;

/** Tells those whom a step concerns what happens to it. */
export class ProgressReporter implements RunEvents {
  private current: { step: Step; since: number; chatter: string } | undefined;
  private lastLine = 0;
  private lastWait = "";
  private waitingSince: number | undefined;
  /** Why the host reboots, where somebody else's run does that. */
  private reboot: string | undefined;
  private loss: { since: number; isTold: boolean } | undefined;
  private readonly timer = setInterval(() => this.breakSilence(), 1000).unref();

  constructor(private readonly members: () => readonly QueuedRequest[]) {}

  stepStarted(step: Step): void {
    this.current = { step, since: performance.now(), chatter: "" };
    this.tell(step, `${step.title}: ${step.reason}`);
  }

  stepOutput(step: Step, line: string, forPeople: boolean): void {
    // What programs print is too much for a log; the last of it goes with what breaks a silence.
    if (forPeople) this.tell(step, line.trim());
    else if (this.current) this.current.chatter = line.split("\r").pop()!.trim();
  }

  stepEnded({ step, result, seconds: took }: AppliedStep): void {
    this.current = undefined;
    this.tell(step, `${step.title}: ${result === "done" ? "done" : "failed"} after ${seconds(took)}`);
  }

  waiting(forWhom: string): void {
    this.waitingSince ??= performance.now();
    const isNews = forWhom !== this.lastWait || performance.now() - this.lastLine >= silenceMs;
    if (!isNews) return;
    this.lastWait = forWhom;
    const [who, ...what] = forWhom.split(": ");
    this.all(`waiting for ${who}, since ${secondsSince(this.waitingSince)}: ${what.join(": ")}`);
  }

  rebooting(reason: string): void {
    if (reason === this.reboot) return;
    this.reboot = reason;
    this.all(`the host reboots: ${reason}`);
  }

  remark(line: string): void {
    this.lastLine = performance.now();
    for (const member of this.members()) member.tellOnce(line);
  }

  silent(count: number): void {
    if (count < strangeSilenceSeconds || performance.now() - this.lastLine < silenceMs) return;
    this.all(`the host has sent nothing for ${seconds(count)}, though the connection is there`);
  }

  connectionLost(): void {
    this.loss ??= { since: performance.now(), isTold: false };
  }

  connectionRestored(): void {
    this.loss = undefined;
  }

  all(line: string): void {
    this.send(this.members(), line);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private breakSilence(): void {
    const isSilent = performance.now() - this.lastLine >= silenceMs;
    if (this.loss) return this.tellLoss(this.loss, isSilent);
    if (!this.current || !isSilent) return;
    const { step, since, chatter } = this.current;
    this.tell(step, `${step.title}: ${secondsSince(since)} so far${chatter && ` (${chatter})`}`);
  }

  /** A loss that is over within a second is not worth a line. */
  private tellLoss(loss: { since: number; isTold: boolean }, isSilent: boolean): void {
    if (performance.now() - loss.since < 1000 || (loss.isTold && !isSilent)) return;
    loss.isTold = true;
    if (this.reboot) return this.all(`the host reboots, and is away for ${secondsSince(loss.since)}: ${this.reboot}`);
    const what = this.current?.step.requiresReboot ? "the host reboots" : "what runs on the host goes on";
    this.all(`the connection was lost ${secondsSince(loss.since)} ago; ${what}`);
  }

  private tell(step: Step, line: string): void {
    this.send(
      this.members().filter(({ key }) => step.requestedBy.includes(key)),
      line,
    );
  }

  private send(members: readonly QueuedRequest[], line: string): void {
    this.lastLine = performance.now();
    for (const { request } of members) request.progress(line);
  }
}

const secondsSince = (time: number): string => seconds(Math.round((performance.now() - time) / 1000));
