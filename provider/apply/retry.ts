import { setTimeout as delay } from "node:timers/promises";
import type { SshErrorKind } from "../ssh";
import { SshError } from "../ssh";

/** Errors of a host that goes down or boots. It also refuses logins until it is up ("System is booting up", pam_nologin). */
const unreachable: readonly SshErrorKind[] = ["unreachable", "lost", "timeout", "login", "silent"];

export interface RetryOptions {
  limitSeconds: number;
  /** Called before each new attempt. */
  onWait?: (seconds: number) => void;
  signal?: AbortSignal;
}

export const isUnreachable = (error: unknown): error is SshError =>
  error instanceof SshError && unreachable.includes(error.kind);

const pauseMs = 500;

/** Repeats an attempt until it returns a value. After the limit it throws the last error, or returns undefined if there was none. */
export async function retryUntil<T>(
  attempt: () => Promise<T | undefined>,
  { limitSeconds, onWait, signal }: RetryOptions,
): Promise<T | undefined> {
  const since = performance.now();
  for (;;) {
    let error: unknown;
    try {
      const answer = await attempt();
      if (answer !== undefined) return answer;
    } catch (problem) {
      if (!isUnreachable(problem)) throw problem;
      error = problem;
    }
    const waited = (performance.now() - since) / 1000;
    if (waited < limitSeconds) onWait?.(waited);
    else if (error !== undefined) throw error;
    else return undefined;
    await delay(pauseMs, undefined, { signal });
  }
}
