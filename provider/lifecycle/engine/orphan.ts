import { fstatSync } from "node:fs";

/**
 * How a provider process ends when the engine does not end it: a killed CLI leaves it alone, with nobody to read what it prints
 * or to write down what it did. It leaves at once and begins nothing more. What runs on a host goes on to its end without it, and
 * the next `up` waits for that. The normal end is a SIGINT, which the pool of connections takes care of.
 */
export function exitWhenOrphaned(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  if (!isPipe(process.stdin.fd)) return;
  const leave = () => process.exit();
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
