import { say } from "./report";

/** What has to be ended again, last begun first: when all is done, after an error, and on ^C. */
export class Endings {
  private readonly all: (() => unknown)[] = [];
  private running: Promise<void> = Promise.resolve();

  add(end: () => unknown): void {
    this.all.push(end);
  }

  /** Asked again meanwhile, it is over when all is ended. */
  run(): Promise<void> {
    return (this.running = this.running.then(async () => {
      for (let end = this.all.pop(); end; end = this.all.pop()) await tried(end);
    }));
  }

  /** Runs something that is to leave nothing behind, whatever happens. */
  static async after(work: (endings: Endings) => Promise<void>): Promise<void> {
    const endings = new Endings();
    // ^C comes more than once: from the terminal, and from whoever passes it on.
    const interrupted = () => void endings.run().finally(() => process.exit(130));
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, interrupted);
    try {
      await work(endings);
    } finally {
      await endings.run();
      for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, interrupted);
    }
  }
}

/** One that fails keeps nothing else from being ended. */
async function tried(end: () => unknown): Promise<void> {
  try {
    await end();
  } catch (error) {
    say(`something stays behind: ${(error as Error).message}`);
  }
}
