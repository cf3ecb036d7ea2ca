import type { Snapshot } from "../apply";
import { parseSnapshot, snapshotScript } from "../apply";
import { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { newBoundary } from "../probe";
import type { Ssh } from "../ssh";
import { orAborted } from "../ssh/ssh";
import type { HostDependencies } from "./dependencies";

/** Facts, and when their reading began: what happened on the host after that may or may not be in them. */
export interface Reading {
  facts: HostFacts;
  /** The last run that had been made there before. */
  lastRun: string;
  /** On the clock of performance.now(). */
  begunAt: number;
}

const limitSeconds = 180;

/** Reads the facts of a host, once for all who ask at the same time. */
export class FactsReader {
  private latest: Reading | undefined;
  private underway: { begunAt: number; reading: Promise<Reading> } | undefined;

  constructor(
    private readonly ssh: Ssh,
    private readonly means: Pick<HostDependencies, "facts" | "probe" | "folder">,
  ) {}

  /** Facts whose reading began at this time or later. */
  read(notBefore: number, signal?: AbortSignal): Promise<Reading> {
    if (this.latest && this.latest.begunAt >= notBefore) return Promise.resolve(this.latest);
    if (!this.underway || this.underway.begunAt < notBefore) this.begin();
    return orAborted(this.underway!.reading, signal);
  }

  /** Something is about to change, or has: what was read before it, or is being read now, serves nobody who asks from now on. */
  forget(): void {
    this.latest = undefined;
    this.underway = undefined;
  }

  /** The facts in a look that was taken behind an apply. */
  take(look: Snapshot & { begunAt: number }): Reading {
    return (this.latest = this.readingOf(look, look.begunAt));
  }

  private begin(): void {
    const begunAt = performance.now();
    const mine = { begunAt, reading: this.probe(begunAt) };
    this.underway = mine;
    const isCurrent = () => this.underway === mine;
    mine.reading.then(
      (reading) => isCurrent() && ((this.latest = reading), (this.underway = undefined)),
      () => isCurrent() && (this.underway = undefined),
    );
  }

  private async probe(begunAt: number): Promise<Reading> {
    const { code, stdout, stderr } = await this.ssh.run(snapshotScript(this.means.folder, newBoundary()), {
      what: "read the state of the host",
      input: this.means.probe,
      timeoutSeconds: limitSeconds,
    });
    const look = parseSnapshot(stdout);
    if (code !== 0 || !look) throw this.unreadable(stderr || stdout);
    return this.readingOf(look, begunAt);
  }

  private readingOf({ capture, lastRun }: Snapshot, begunAt: number): Reading {
    return { facts: this.means.facts(capture), lastRun, begunAt };
  }

  private unreadable(said: string): UserError {
    return new UserError({
      action: "read the state of the host",
      host: this.ssh.host,
      cause: said.trim().split("\n").slice(-3).join("; ") || "the host said nothing",
      hint: "Check that `sh -c true` works there for this login, and that root may read /proc and /sys.",
    });
  }
}
