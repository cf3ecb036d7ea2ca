import { createRequire } from "node:module";

/** The module in which Pulumi's SDK makes promises that it can debug. */
interface Debuggable {
  debugPromiseLeaks: boolean;
  debuggablePromise<T>(promise: Promise<T>, context: string): Promise<T>;
}

let isDone = false;

/**
 * Keeps Pulumi from taking a stack trace for each of its promises, of which there are four for each property. It formats them with source
 * maps, and prints them only to debug leaks of promises. They take half of the time of a program with hundreds of resources.
 */
export function skipStackTraces(): void {
  if (isDone) return;
  isDone = true;
  const debuggable = pulumiDebuggable();
  if (typeof debuggable?.debuggablePromise !== "function") return;
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    if (debuggable.debugPromiseLeaks) return debuggablePromise(promise, context);
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

/** Loads it as Pulumi's own code does; returns undefined for a version that has none. */
function pulumiDebuggable(): Debuggable | undefined {
  try {
    return createRequire(require.resolve("@pulumi/pulumi"))("./runtime/debuggable") as Debuggable;
  } catch {
    return undefined;
  }
}
