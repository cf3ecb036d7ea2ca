import { fstatSync } from "node:fs";

/**
 * Ends the provider process at once when the CLI was killed: no process reads its output or stores its results any more. A run
 * on a host continues to its end, and the next `up` waits for it. The normal end is a SIGINT, which the connection pool handles.
 */
export function exitWhenOrphaned(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  if (!isPipe(process.stdin.fd)) return;
  const exit = () => process.exit();
  process.stdin.on("error", exit).on("end", exit).resume();
}

/** Returns whether stdin is a pipe, of which the engine holds the other end while it runs. */
function isPipe(descriptor: number): boolean {
  try {
    const about = fstatSync(descriptor);
    return about.isFIFO() || about.isSocket();
  } catch {
    return false;
  }
}
