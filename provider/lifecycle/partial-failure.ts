import type { State } from "./state";

/**
 * Something was done on the host, but not all: the engine keeps the properties as the state, prints the reasons, and calls
 * update next time. It recognises it by the `id`, so no other error may have one.
 */
export class PartialFailure extends Error {
  constructor(readonly id: string, readonly properties: State, readonly reasons: [string, ...string[]]) {
    super(reasons.join("\n"));
  }
}
