import type { Snapshot } from "../apply";
import { parseSnapshot, snapshotScript } from "../apply";
import { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { CaptureError, newBoundary } from "../probe";
import type { RunResult, Ssh } from "../ssh";
import { isWrongPassword, SshError } from "../ssh";
import { orAborted } from "../ssh/abort";
import type { HostDependencies } from "./dependencies";
import {
  captureIn,
  captureStart,
  forcedCommandError,
  readOnlyError,
  readOnlyScript,
  unusableProbeError,
} from "./read-only";

/** Facts, and when their reading began. Later changes on the host may or may not be in them. */
export interface Reading {
  facts: HostFacts;
  /** The last run on the host before the reading. */
  lastRun: string;
  /** On the clock of performance.now(). */
  begunAt: number;
  /** Why nothing can be changed through this login. Left out: it can. */
  changeRefusal?: UserError;
}

const timeoutSeconds = 180;

/** Reads the facts of a host, once for all callers at the same time. */
export class FactsReader {
  private latest: Reading | undefined;
  private current: { begunAt: number; reading: Promise<Reading> } | undefined;

  constructor(
    private readonly ssh: Ssh,
    private readonly dependencies: Pick<HostDependencies, "facts" | "probe" | "installedProbe" | "folder">,
    private readonly isReadOnly = false,
  ) {}

  /** Like `read`, but rejects if nothing can be changed through this login. */
  async readToChange(notBefore: number, signal?: AbortSignal): Promise<Reading> {
    const reading = await this.read(notBefore, signal);
    if (reading.changeRefusal) throw reading.changeRefusal;
    return reading;
  }

  /** Returns facts that were not read before this time. */
  read(notBefore: number, signal?: AbortSignal, ssh = this.ssh): Promise<Reading> {
    if (this.latest && this.latest.begunAt >= notBefore) return Promise.resolve(this.latest);
    if (!this.current || this.current.begunAt < notBefore) this.startReading(ssh);
    return orAborted(this.current!.reading, signal);
  }

  /** The last reading since the last change, however old. */
  get last(): Reading | undefined {
    return this.latest;
  }

  /** Forgets all readings, also one that is under way: the host is about to change, or has changed. */
  forget(): void {
    this.latest = undefined;
    this.current = undefined;
  }

  /** Takes the snapshot that was made after a run as the latest reading. */
  take(snapshot: Snapshot & { begunAt: number }): Reading {
    return (this.latest = this.readingOf(snapshot, snapshot.begunAt));
  }

  private startReading(ssh: Ssh): void {
    const begunAt = performance.now();
    const own = { begunAt, reading: this.probe(ssh, begunAt) };
    this.current = own;
    const isCurrent = () => this.current === own;
    own.reading.then(
      (reading) => isCurrent() && ((this.latest = reading), (this.current = undefined)),
      () => isCurrent() && (this.current = undefined),
    );
  }

  private async probe(ssh: Ssh, begunAt: number): Promise<Reading> {
    if (this.isReadOnly) return this.probeReadOnly(ssh, begunAt, readOnlyError(ssh.host));
    try {
      const output = await this.run(ssh, snapshotScript(this.dependencies.folder, newBoundary()));
      return output.isForced
        ? this.readingWithoutRun(output, begunAt, forcedCommandError(ssh.host))
        : this.readingFrom(output, begunAt);
    } catch (error) {
      if (!(error instanceof SshError) || error.kind !== "sudo" || isWrongPassword(error)) throw error;
      return this.probeReadOnly(ssh, begunAt, error);
    }
  }

  private async probeReadOnly(ssh: Ssh, begunAt: number, changeRefusal: UserError): Promise<Reading> {
    const script = readOnlyScript(this.dependencies.installedProbe, newBoundary());
    return this.readingWithoutRun(await this.run(ssh, script, "login"), begunAt, changeRefusal);
  }

  private async run(ssh: Ssh, script: string, as?: "login"): Promise<RunResult> {
    const output = await ssh.run(script, {
      what: "read the state of the host",
      as,
      forcedOutput: captureStart,
      input: this.dependencies.probe,
      timeoutSeconds,
    });
    if (output.code !== 0) throw this.readError(output);
    return output;
  }

  private readingFrom(output: RunResult, begunAt: number): Reading {
    const snapshot = parseSnapshot(output.stdout);
    if (!snapshot) throw this.readError(output);
    return this.readingOf(snapshot, begunAt);
  }

  /** Takes a capture without a word about runs before it. The probe may be a file on the host, of another release. */
  private readingWithoutRun(output: RunResult, begunAt: number, changeRefusal: UserError): Reading {
    const capture = captureIn(output.stdout);
    if (capture === undefined) throw this.readError(output);
    try {
      return { ...this.readingOf({ capture, lastRun: "" }, begunAt), changeRefusal };
    } catch (error) {
      throw error instanceof CaptureError ? unusableProbeError(this.ssh.host, error) : error;
    }
  }

  private readingOf({ capture, lastRun }: Snapshot, begunAt: number): Reading {
    return { facts: this.dependencies.facts(capture), lastRun, begunAt };
  }

  private readError({ stdout, stderr }: RunResult): UserError {
    return new UserError({
      action: "read the state of the host",
      host: this.ssh.host,
      cause: (stderr || stdout).trim().split("\n").slice(-3).join("; ") || "the host printed nothing",
      hint: "Check that `sh -c true` works there for this login, and that root may read /proc and /sys.",
    });
  }
}
