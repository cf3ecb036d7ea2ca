import { fstatSync } from "node:fs";

const running = new Set<Promise<unknown>>();

/** Keeps the process, should the engine die meanwhile, until a call has ended. */
export function untilDone<R>(call: Promise<R>): Promise<R> {
  running.add(call);
  const forget = () => void running.delete(call);
  call.then(forget, forget);
  return call;
}

/**
 * How a provider process ends when the engine does not end it: a killed CLI leaves it alone, with nobody to read what it prints.
 * The normal end is a SIGINT, which the pool of connections takes care of.
 */
export function behaveAsProvider(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  if (!isPipe(process.stdin.fd)) return;
  process.stdin.on("error", leave).on("end", leave).resume();
}

/** The engine holds the other end of it as long as it lives. */
function isPipe(descriptor: number): boolean {
  try {
    const about = fstatSync(descriptor);
    return about.isFIFO() || about.isSocket();
  } catch {
    return false;
  }
}

async function leave(): Promise<void> {
  while (running.size > 0) await Promise.allSettled(running);
  process.exit();
}
