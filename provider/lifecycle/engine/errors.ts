import { errorMessage } from "../../model/errors";
import { sanitize } from "../../model/text";
import type { State } from "../state";

/** Converts an error for the engine. Only a partial failure may have an `id`: the engine recognises it by that. */
export function toEngineError(error: unknown, redact: (text: string) => string): Error {
  if (error instanceof PartialFailure) return error;
  const converted = new Error(sanitize(redact(errorMessage(error))));
  // The engine's adapter prints name and stack.
  converted.name = "";
  converted.stack = "";
  return converted;
}

/**
 * A create or update that failed after changes on the host. The engine keeps the properties as the state, prints the reasons, and
 * calls update next time.
 */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly properties: State,
    readonly reasons: [string, ...string[]],
  ) {
    super(reasons.join("\n"));
  }
}
