import { AsyncLocalStorage } from "node:async_hooks";

/** A program within another process, such as a component that the native plugin makes. It has no exit code of its own. */
export interface InnerRun {
  hasFailed: boolean;
  /** What is reported before the run is over. */
  reports: Promise<void>[];
  /** Ends it with an error. */
  fail(error: unknown): void;
}

const current = new AsyncLocalStorage<InnerRun>();

export const innerRun = (): InnerRun | undefined => current.getStore();

/** Runs a program, and rejects at its end, after all that it reports, if it has logged a failure. */
export async function runWithin<R>(run: () => Promise<R>): Promise<R> {
  let fail!: InnerRun["fail"];
  const failure = new Promise<never>((_, reject) => (fail = reject));
  const own: InnerRun = { hasFailed: false, reports: [], fail };
  return current.run(own, async () => {
    const result = await Promise.race([run(), failure]);
    await Promise.all(own.reports);
    if (own.hasFailed) throw new Error("Not all hosts are in sync. The error above lists them.");
    return result;
  });
}
