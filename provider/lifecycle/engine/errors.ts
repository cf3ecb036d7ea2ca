import { isUserError } from "../../model/errors";
import { sanitize } from "../../model/text";
import type { State } from "../state";

/** What a person is told: only a bug shows its stack. */
export function errorMessage(error: unknown): string {
  if (isUserError(error)) return error.message;
  const { stack = String(error) } = error as Partial<Error>;
  return `This is a bug in pulumi-nvidia-vgpu: ${stack}`;
}

/** What the engine is told. Only a partial failure may have an `id`: any other error would be taken for one. */
export function toEngineError(error: unknown, scrub: (text: string) => string): Error {
  if (error instanceof PartialFailure) return error;
  const told = new Error(sanitize(scrub(errorMessage(error))));
  // The engine's adapter prints name and stack.
  told.name = "";
  told.stack = "";
  return told;
}

/**
 * Something was done on the host, but not all: the engine keeps the properties as the state, prints the reasons, and calls
 * update next time. It recognises it by the `id`, so no other error may have one.
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
