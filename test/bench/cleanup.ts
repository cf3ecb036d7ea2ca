import { printProgress } from "./report";

/** Actions that undo what a measurement started, in reverse order: at the end, after an error, and on ^C. */
export class Cleanup {
  private readonly all: (() => unknown)[] = [];
  private running: Promise<void> = Promise.resolve();

  add(undo: () => unknown): void {
    this.all.push(undo);
  }

  /** Runs all actions; a second call resolves when all are done. */
  run(): Promise<void> {
    return (this.running = this.running.then(async () => {
      for (let undo = this.all.pop(); undo; undo = this.all.pop()) await runSafely(undo);
    }));
  }

  /** Runs work, and then its clean-up, whatever happens. */
  static async after(work: (cleanup: Cleanup) => Promise<void>): Promise<void> {
    const cleanup = new Cleanup();
    // ^C may arrive twice: from the terminal, and from a parent that forwards it.
    const interrupted = () => void cleanup.run().finally(() => process.exit(130));
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupted);
    try {
      await work(cleanup);
    } finally {
      await cleanup.run();
      for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, interrupted);
    }
  }
}

/** Runs one action; a failure does not stop the others. */
async function runSafely(undo: () => unknown): Promise<void> {
  try {
    await undo();
  } catch (error) {
    printProgress(`clean-up failed: ${(error as Error).message}`);
  }
}
