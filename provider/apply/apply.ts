import { randomBytes } from "node:crypto";
import { UserError } from "../model/errors";
import type { Step } from "../plan";
import { newBoundary } from "../probe";
import type { Ssh } from "../ssh";
import { SshError } from "../ssh";
import { rebootTimedOut } from "./failure";
import type { Job } from "./job";
import { followScript } from "./job";
import { isUnreachable, retryUntil } from "./retry";
import type { RunEvents, StepRun } from "./run-log";
import { RunLog } from "./run-log";
import type { Snapshot } from "./snapshot";
import { parseSnapshot } from "./snapshot";

export interface ApplyOptions {
  events: RunEvents;
  /** Who wants what, for those who have to wait meanwhile. */
  owner: string;
  /** The last run before the look at the host that the steps rest on. */
  basedOnRun: string;
  library: string;
  /** On the host; what is in it need not outlive a reboot. */
  folder: string;
  probe: string;
  /** How long the host may be out of reach in the middle of a run; the second is for a run that ends with a reboot. */
  lostSeconds: number;
  rebootSeconds: number;
  /** How long the host may send nothing at all; follow.sh gives a sign of life every ten seconds. */
  silenceSeconds: number;
  signal?: AbortSignal;
}

export interface Applied {
  results: StepRun[];
  /** How the host looked behind the last step, and when; not there when it reboots, or could not be looked at. */
  snapshot?: Snapshot & { begunAt: number };
  rebooting: boolean;
  /** What kept us from seeing the end. The run itself may have gone on. */
  error?: Error;
}

/**
 * Has steps done on a host, and sees to it that the answer comes even when the connection does not hold. One exec. Without steps, and
 * `seen` while a run was at work, it waits for the end of that run, and looks.
 */
export async function apply(ssh: Ssh, steps: readonly Step[], options: ApplyOptions): Promise<Applied> {
  const job: Job = {
    id: randomBytes(6).toString("hex"),
    token: randomBytes(12).toString("hex"),
    owner: options.owner,
    basedOnRun: options.basedOnRun,
    steps,
  };
  const attempt = new Attempt(ssh, job, options);
  try {
    return await attempt.first();
  } catch (error) {
    if (!(error instanceof Error) || options.signal?.aborted) throw error;
    return { results: attempt.results, rebooting: false, error };
  }
}

/** One run as this client sees it, over as many connections as it takes. */
class Attempt {
  private log: RunLog;
  /** The connection was lost, and with it what the host told in that moment. */
  private isLost = false;

  constructor(
    private readonly ssh: Ssh,
    private readonly job: Job,
    private readonly options: ApplyOptions,
  ) {
    this.log = new RunLog(job.token, job.steps, options.events);
  }

  /** Of a step that we lost sight of it is not known how it ended, or whether it has; the first may have begun unseen. */
  get results(): StepRun[] {
    const { results, answers } = this.log;
    if (!this.isLost) return results;
    if (results.length === 0 && !answers.has("gone"))
      return this.job.steps.slice(0, 1).map((step) => ({ step, ...unseen }));
    return results.map((run) =>
      run.result === "failed" && run.ended === undefined ? { ...run, isUnknown: true } : run,
    );
  }

  async first(): Promise<Applied> {
    try {
      return await this.follow(false);
    } catch (error) {
      if (!(error instanceof SshError && ["lost", "silent"].includes(error.kind))) throw error;
      this.isLost = true;
      if (this.log.hasRebooted) return { results: this.results, rebooting: true };
      return await this.reconnect();
    }
  }

  private async reconnect(): Promise<Applied> {
    const { lostSeconds, rebootSeconds, events, signal } = this.options;
    events.connectionLost();
    const isRebooting = this.log.isRebootedByOther || this.job.steps.some(({ requiresReboot }) => requiresReboot);
    const limitSeconds = isRebooting ? rebootSeconds : lostSeconds;
    try {
      return (await retryUntil(() => this.follow(true), { limitSeconds, signal }))!;
    } catch (error) {
      throw isUnreachable(error) ? this.runLost(error) : error;
    }
  }

  private runLost({ details }: SshError): UserError {
    if (this.log.isAtReboot) return rebootTimedOut(this.ssh.host, this.options.rebootSeconds, details.cause);
    return new UserError({
      action: "follow the run on the host to its end",
      host: this.ssh.host,
      cause: `the connection was lost and does not come back: ${details.cause}`,
      hint: "The run goes on without us. Run it again: it waits for that run's end, and goes on from there.",
    });
  }

  private async follow(again: boolean): Promise<Applied> {
    const { ssh, job } = this;
    const { library, folder, probe, events, silenceSeconds, signal } = this.options;
    const onSilence = (seconds: number) => events.silent(seconds);
    const log = again ? new RunLog(job.token, job.steps, events, this.log.count) : this.log;
    const onLine = (line: string, stream: string) => {
      if (stream !== "stdout") return;
      events.connectionRestored();
      log.take(line);
    };
    const script = followScript(job, library, folder, newBoundary(), again);
    try {
      const { stdout, stderr } = await ssh.run(script, {
        what: "run the steps of the plan",
        input: probe,
        onLine,
        silenceSeconds,
        onSilence,
        signal,
      });
      if (log.answers.size === 0) throw this.noAnswer(stderr);
      this.adoptLog(log);
      return {
        results: this.results,
        rebooting: log.answers.has("rebooting"),
        snapshot: this.snapshotAfter(stdout, log),
      };
    } catch (error) {
      this.adoptLog(log);
      throw error;
    }
  }

  /** A log is read from its beginning again after the connection was lost, unless the run is gone with what it wrote. */
  private adoptLog(log: RunLog): void {
    if (log.answers.has("gone")) this.log.answers.add("gone");
    else if (log.count >= this.log.count) this.log = log;
    if (log.answers.has("capture") || log.answers.has("rebooting")) this.isLost = log.answers.has("gone");
  }

  private snapshotAfter(stdout: string, { capturedAt }: RunLog): Applied["snapshot"] {
    if (capturedAt === undefined) return undefined;
    const mark = `\n--${this.job.token} capture\n`;
    const look = parseSnapshot(stdout.slice(stdout.indexOf(mark) + mark.length));
    return look && /^--\S+ end\n$/m.test(look.capture.slice(-100)) ? { ...look, begunAt: capturedAt } : undefined;
  }

  private noAnswer(stderr: string): UserError {
    const seen = stderr.trim().split("\n").join("; ");
    return new UserError({
      action: "run the steps of the plan",
      host: this.ssh.host,
      device: this.options.folder,
      cause: seen || "the host said nothing",
    });
  }
}

const unseen = { result: "failed", seconds: 0, output: "", lines: [], isUnknown: true } as const;
