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
import { hasAnswered } from "./run-state";
import type { Snapshot } from "./snapshot";
import { parseSnapshot } from "./snapshot";

export interface ApplyOptions {
  events: RunEvents;
  /** Who has the steps run, and for which resources. Other clients that wait for the run report it. */
  requester: string;
  /** The last run before the capture that the steps are planned from. */
  basedOnRun: string;
  library: string;
  /** The folder of runs on the host. It need not survive a reboot. */
  folder: string;
  probe: string;
  /** How long the host may be unreachable during a run. */
  lostSeconds: number;
  /** The same for a run that ends with a reboot. */
  rebootSeconds: number;
  /** How long the host may send nothing at all; follow.sh sends a sign of life every ten seconds. */
  silenceSeconds: number;
  signal?: AbortSignal;
}

export interface Applied {
  results: StepRun[];
  /** The host after the last step, and when its capture began. Undefined when the host reboots, or could not be probed. */
  snapshot?: Snapshot & { begunAt: number };
  rebooting: boolean;
  /** Why the end of the run was not observed. The run itself may have continued. */
  error?: Error;
}

/**
 * Runs steps on a host and returns their results, over further connections if the first one is lost. Takes one exec. Without steps, and
 * with `basedOnRun` being a run at work, it waits for the end of that run and probes the host.
 */
export async function apply(ssh: Ssh, steps: readonly Step[], options: ApplyOptions): Promise<Applied> {
  const job: Job = {
    id: randomBytes(6).toString("hex"),
    token: randomBytes(12).toString("hex"),
    requester: options.requester,
    basedOnRun: options.basedOnRun,
    steps,
  };
  const run = new FollowedRun(ssh, job, options);
  try {
    return await run.startAndFollow();
  } catch (error) {
    if (!(error instanceof Error) || options.signal?.aborted) throw error;
    return { results: run.results, rebooting: false, error };
  }
}

/** One run as this client observes it, over as many connections as it takes. */
class FollowedRun {
  private log: RunLog;
  /** The connection was lost, and what the host printed at that moment with it. */
  private isLost = false;

  constructor(
    private readonly ssh: Ssh,
    private readonly job: Job,
    private readonly options: ApplyOptions,
  ) {
    this.log = new RunLog(job.token, job.steps, options.events);
  }

  /** After a loss it is unknown how a running step ended; and whether the first step began, if nothing was received. */
  get results(): StepRun[] {
    const { results, state } = this.log;
    if (!this.isLost) return results;
    if (results.length === 0 && state.run !== "missing")
      return this.job.steps.slice(0, 1).map((step) => ({ step, ...unknownResult }));
    return results.map((run) =>
      run.result === "failed" && run.ended === undefined ? { ...run, isUnknown: true } : run,
    );
  }

  async startAndFollow(): Promise<Applied> {
    try {
      return await this.follow({ isReconnect: false });
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
    const isRebooting = this.log.isRebootedByOtherRun || this.job.steps.some(({ requiresReboot }) => requiresReboot);
    const limitSeconds = isRebooting ? rebootSeconds : lostSeconds;
    try {
      return (await retryUntil(() => this.follow({ isReconnect: true }), { limitSeconds, signal }))!;
    } catch (error) {
      throw isUnreachable(error) ? this.runLost(error) : error;
    }
  }

  private runLost({ details }: SshError): UserError {
    if (this.log.isAtReboot) return rebootTimedOut(this.ssh.host, this.options.rebootSeconds, details.cause);
    return new UserError({
      action: "follow the run on the host to its end",
      host: this.ssh.host,
      cause: `the connection was lost and could not be restored: ${details.cause}`,
      hint: "The run continues on the host. Run it again: it waits for the end of that run and continues from there.",
    });
  }

  private async follow({ isReconnect }: { isReconnect: boolean }): Promise<Applied> {
    const { ssh, job } = this;
    const { library, folder, probe, events, silenceSeconds, signal } = this.options;
    // After a reconnect the log of the run is read from its beginning again.
    const log = isReconnect ? new RunLog(job.token, job.steps, events, this.log.count) : this.log;
    const onLine = (line: string, stream: string) => {
      if (stream !== "stdout") return;
      events.connectionRestored();
      log.take(line);
    };
    try {
      const { stdout, stderr } = await ssh.run(followScript(job, library, folder, newBoundary(), isReconnect), {
        what: "run the steps of the plan",
        input: probe,
        onLine,
        silenceSeconds,
        onSilence: (seconds) => events.silent(seconds),
        signal,
      });
      if (!hasAnswered(log.state)) throw this.noAnswer(stderr);
      this.adoptLog(log);
      return {
        results: this.results,
        rebooting: log.state.host === "rebooting",
        snapshot: this.snapshotAfter(stdout, log),
      };
    } catch (error) {
      this.adoptLog(log);
      throw error;
    }
  }

  /** Takes the log of the newest connection, unless that had less of it, or the run is gone with all that it wrote. */
  private adoptLog(log: RunLog): void {
    const isMissing = log.state.run === "missing";
    if (isMissing) this.log.markMissing();
    else if (log.count >= this.log.count) this.log = log;
    if (log.state.host !== "unknown") this.isLost = isMissing;
  }

  private snapshotAfter(stdout: string, { capturedAt }: RunLog): Applied["snapshot"] {
    if (capturedAt === undefined) return undefined;
    const mark = `\n--${this.job.token} finished\n`;
    const snapshot = parseSnapshot(stdout.slice(stdout.indexOf(mark) + mark.length));
    const isComplete = snapshot && /^--\S+ end\n$/m.test(snapshot.capture.slice(-100));
    return isComplete ? { ...snapshot, begunAt: capturedAt } : undefined;
  }

  private noAnswer(stderr: string): UserError {
    return new UserError({
      action: "run the steps of the plan",
      host: this.ssh.host,
      device: this.options.folder,
      cause: stderr.trim().split("\n").join("; ") || "the host printed nothing",
    });
  }
}

const unknownResult = { result: "failed", seconds: 0, output: "", lines: [], isUnknown: true } as const;
