import type { Endpoint } from "./endpoint";

/** The phase that an attempt to log in has reached: TCP, the version line and key exchange, the login itself. */
export type Phase = "connect" | "handshake" | "login";

export class DialTimeout extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms >= 1000 ? Math.round(ms / 1000) : ms / 1000} s`);
  }
}

/** A machine that is up answers a connection at once; three SYN packets fit into this time. A login may wait for a directory service. */
const connectMs = 5_000;

/** One attempt to connect and log in, with its time limits. Waiting for its turn does not count. */
export class Attempt {
  phase: Phase = "connect";
  /** What the server sent before its version line. */
  greeting = "";
  spentMs = 0;
  private readonly end = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private since: number | undefined;

  constructor(
    private readonly endpoint: Endpoint,
    /** How long the attempt may take in all. */
    private readonly limitMs: number,
  ) {}

  get signal(): AbortSignal {
    return this.end.signal;
  }

  /** Starts the clock of a phase. */
  enter(phase: Phase): void {
    this.pause();
    this.phase = phase;
    this.since = performance.now();
    const leftMs = this.limitMs - this.spentMs;
    const ms = phase === "connect" ? Math.min(this.connectLimitMs, leftMs) : leftMs;
    // A message names the limit of the whole attempt, as it is set.
    const named = phase === "connect" ? ms : this.limitMs;
    if (ms !== Infinity) this.timer = setTimeout(() => this.end.abort(new DialTimeout(named)), Math.max(0, ms));
  }

  /** Stops the clock. */
  pause(): void {
    clearTimeout(this.timer);
    if (this.since !== undefined) this.spentMs += performance.now() - this.since;
    this.since = undefined;
  }

  /** Who sets a long limit for slow networks gets a longer one here too. */
  private get connectLimitMs(): number {
    return Math.max(connectMs, this.endpoint.dialTimeoutMs / 3);
  }
}
