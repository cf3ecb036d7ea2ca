import type { Snapshot } from "../apply";
import { parseSnapshot, snapshotScript } from "../apply";
import { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { newBoundary } from "../probe";
import type { Ssh } from "../ssh";
import { orAborted } from "../ssh/abort";
import type { HostDependencies } from "./dependencies";

/** Facts, and when their reading began. Later changes on the host may or may not be in them. */
export interface Reading {
  facts: HostFacts;
  /** The last run on the host before the reading. */
  lastRun: string;
  /** On the clock of performance.now(). */
  begunAt: number;
}

const timeoutSeconds = 180;

/** Reads the facts of a host, once for all callers at the same time. */
export class FactsReader {
  private latest: Reading | undefined;
  private current: { begunAt: number; reading: Promise<Reading> } | undefined;

  constructor(
    private readonly ssh: Ssh,
    private readonly dependencies: Pick<HostDependencies, "facts" | "probe" | "folder">,
  ) {}

  /** Returns facts that were not read before this time. */
  read(notBefore: number, signal?: AbortSignal): Promise<Reading> {
    if (this.latest && this.latest.begunAt >= notBefore) return Promise.resolve(this.latest);
    if (!this.current || this.current.begunAt < notBefore) this.startReading();
    return orAborted(this.current!.reading, signal);
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

  private startReading(): void {
    const begunAt = performance.now();
    const own = { begunAt, reading: this.probe(begunAt) };
    this.current = own;
    const isCurrent = () => this.current === own;
    own.reading.then(
      (reading) => isCurrent() && ((this.latest = reading), (this.current = undefined)),
      () => isCurrent() && (this.current = undefined),
    );
  }

  private async probe(begunAt: number): Promise<Reading> {
    const { code, stdout, stderr } = await this.ssh.run(snapshotScript(this.dependencies.folder, newBoundary()), {
      what: "read the state of the host",
      input: this.dependencies.probe,
      timeoutSeconds,
    });
    const snapshot = parseSnapshot(stdout);
    if (code !== 0 || !snapshot) throw this.readError(stderr || stdout);
    return this.readingOf(snapshot, begunAt);
  }

  private readingOf({ capture, lastRun }: Snapshot, begunAt: number): Reading {
    return { facts: this.dependencies.facts(capture), lastRun, begunAt };
  }

  private readError(output: string): UserError {
    return new UserError({
      action: "read the state of the host",
      host: this.ssh.host,
      cause: output.trim().split("\n").slice(-3).join("; ") || "the host printed nothing",
      hint: "Check that `sh -c true` works there for this login, and that root may read /proc and /sys.",
    });
  }
}
