import { randomBytes } from "node:crypto";
import { UserError } from "../model/errors";
import type { Step } from "../plan";
import { newBoundary } from "../probe";
import { SshError, type Ssh } from "../ssh";
import type { StepRun } from "./applied-step";
import { followScript, type Job } from "./job";
import { patiently } from "./patience";
import { RunLog, type RunEvents } from "./run-log";

export interface ApplyOptions {
  events: RunEvents;
  /** Who wants what, for those who have to wait meanwhile. */
  owner: string;
  library: string;
  /** On the host; what is in it need not outlive a reboot. */
  folder: string;
  probe: string;
  /** How long the host may be out of reach in the middle of a run; with the second, when the run reboots it. */
  lostSeconds: number;
  rebootSeconds: number;
  signal?: AbortSignal;
}

export interface Applied {
  results: StepRun[];
  /** How the host looked behind the last step, and when; not there when it reboots, or could not be looked at. */
  capture?: { text: string; begunAt: number };
  rebooting: boolean;
  /** What kept us from seeing the end. The run itself may have gone on. */
  error?: Error;
}

/** Has steps done on a host, and sees to it that the answer comes even when the connection does not hold. One exec. */
export async function apply(ssh: Ssh, steps: readonly Step[], options: ApplyOptions): Promise<Applied> {
  const job: Job = { id: randomBytes(6).toString("hex"), token: randomBytes(12).toString("hex"), owner: options.owner, steps };
  const attempt = new Attempt(ssh, job, options);
  try {
    return await attempt.first();
  } catch (error) {
    if (!(error instanceof Error) || options.signal?.aborted) throw error;
    return { results: attempt.log.results, rebooting: false, error };
  }
}

/** One run as this client sees it, over as many connections as it takes. */
class Attempt {
  log: RunLog;

  constructor(private readonly ssh: Ssh, private readonly job: Job, private readonly options: ApplyOptions) {
    this.log = new RunLog(job.token, job.steps, options.events);
  }

  async first(): Promise<Applied> {
    try {
      return await this.follow(false);
    } catch (error) {
      if (!(error instanceof SshError && error.kind === "lost")) throw error;
      const { lostSeconds, rebootSeconds, signal } = this.options;
      const limitSeconds = this.log.isRebooting ? rebootSeconds : lostSeconds;
      return (await patiently(() => this.follow(true), { limitSeconds, signal }))!;
    }
  }

  private async follow(again: boolean): Promise<Applied> {
    const { ssh, job } = this;
    const { library, folder, probe, events, signal } = this.options;
    const log = again ? new RunLog(job.token, job.steps, events, this.log.count) : this.log;
    const onLine = (line: string, stream: string) => void (stream === "stdout" && log.take(line));
    const script = followScript(job, library, folder, newBoundary(), again);
    try {
      const { stdout, stderr } = await ssh.run(script, { what: "run the steps of the plan", input: probe, onLine, signal });
      if (log.answers.size === 0) throw this.noAnswer(stderr);
      return { results: this.learn(log).results, rebooting: log.answers.has("rebooting"), capture: this.captureIn(stdout, log) };
    } catch (error) {
      this.learn(log);
      throw error;
    }
  }

  /** A log is read from its beginning again after the connection was lost, unless the run is gone with what it wrote. */
  private learn(log: RunLog): RunLog {
    if (log.answers.has("gone")) this.log.answers.add("gone");
    else if (log.count >= this.log.count) this.log = log;
    return this.log;
  }

  private captureIn(stdout: string, { capturedAt }: RunLog): Applied["capture"] {
    if (capturedAt === undefined) return undefined;
    const mark = `\n--${this.job.token} capture\n`;
    return { text: stdout.slice(stdout.indexOf(mark) + mark.length), begunAt: capturedAt };
  }

  private noAnswer(stderr: string): UserError {
    const seen = stderr.trim().split("\n").join("; ");
    return new UserError({ tried: "run the steps of the plan", host: this.ssh.host, device: this.options.folder, seen: seen || "the host said nothing" });
  }
}
