import { setTimeout as delay } from "node:timers/promises";
import type { Endpoint } from "./endpoint";
import type { TransientDialError } from "./errors";

/** How long all attempts to dial an endpoint may take, with the pauses between them. Waiting for a turn does not count. */
export class Patience {
  private leftMs: number;

  constructor(private readonly endpoint: Endpoint) {
    const { dialErrorLimit, dialTimeoutMs, isForReading } = endpoint;
    const attempts = dialErrorLimit < 0 ? Infinity : dialErrorLimit + 1;
    // Who only reads waits for one timeout, not for one per attempt.
    this.leftMs = isForReading ? dialTimeoutMs : dialTimeoutMs * attempts;
  }

  /** How long one attempt may take. */
  get attemptMs(): number {
    const { dialTimeoutMs, isForReading } = this.endpoint;
    return isForReading ? Math.min(dialTimeoutMs, this.leftMs) : dialTimeoutMs;
  }

  spend(ms: number): void {
    this.leftMs -= ms;
  }

  /** Waits before the next attempt. Returns false if none should be made. */
  async waitAfter({ pause, isRefusal }: TransientDialError, failures: number): Promise<boolean> {
    const { dialErrorLimit, isForReading } = this.endpoint;
    // Random, so that many resources that wait for one host do not dial at the same moment.
    const ms = Math.min(pause.firstMs * 2 ** (failures - 1), pause.longestMs) * (0.5 + Math.random() / 2);
    // A server that refuses for a while answers at once, so it is asked as long as the time lasts, and not a number of times.
    const hasAttempt = isRefusal ? dialErrorLimit !== 0 && this.leftMs > 0 : this.hasAttempt(failures);
    if (!hasAttempt || (isForReading && !isRefusal && this.leftMs - ms < 1000)) return false;
    const waitMs = Math.min(ms, Math.max(this.leftMs, 0));
    this.spend(waitMs);
    await delay(waitMs);
    return true;
  }

  private hasAttempt(failures: number): boolean {
    const { dialErrorLimit } = this.endpoint;
    return dialErrorLimit < 0 || failures <= dialErrorLimit;
  }
}
