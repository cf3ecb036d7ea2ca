/**
 * Makes stack traces cheap until the returned function is called. Pulumi formats one with source maps for each of four promises of each
 * property, and prints them only to debug leaks of promises. Without this they take half of the time of a program with hundreds of
 * resources.
 */
export function skipStackTraces(): () => void {
  const { prepareStackTrace, stackTraceLimit } = Error;
  if (prepareStackTrace === undefined || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return () => undefined;
  // A trace of more frames is the one in which Pulumi finds the line of the program. Errors that are thrown are formatted later, when
  // they are printed.
  Error.prepareStackTrace = (error, frames) =>
    Error.stackTraceLimit > stackTraceLimit ? prepareStackTrace(error, frames) : String(error);
  return () => {
    Error.prepareStackTrace = prepareStackTrace;
  };
}
