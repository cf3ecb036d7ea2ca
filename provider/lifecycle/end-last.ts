import { setTimeout as delay } from "node:timers/promises";

/** How long nothing may be deleted before the engine is taken to have nothing left to delete. It starts the next within milliseconds. */
const quietMs = 1000;
const pollMs = 100;

let running = 0;
let lastActiveAt = 0;

/**
 * Runs a deletion. An error is thrown only after all other deletions: the engine drops those that it has not started when one fails. If
 * errors occupy all of the engine's workers (`--parallel`), the rest is deleted by the next run.
 */
export async function endLast(work: () => Promise<void>): Promise<void> {
  running++;
  let failure: unknown;
  await work().catch((error: unknown) => (failure = error));
  running--;
  lastActiveAt = performance.now();
  if (failure === undefined) return;
  while (running > 0 || performance.now() - lastActiveAt < quietMs) {
    if (running > 0) lastActiveAt = performance.now();
    await delay(pollMs);
  }
  throw failure;
}
