import { isUserError } from "../model/errors";
import { PartialFailure } from "./partial-failure";
import { printable } from "./printable";

/** What a person is told: only a bug shows its stack. */
export function inWords(error: unknown): string {
  if (isUserError(error)) return error.message;
  const { stack = String(error) } = error as Partial<Error>;
  return `This is a bug in pulumi-nvidia-vgpu: ${stack}`;
}

/** What the engine is told. Only a partial failure may have an `id`: any other error would be taken for one. */
export function thrown(error: unknown, scrub: (text: string) => string): Error {
  if (error instanceof PartialFailure) return error;
  const told = new Error(printable(scrub(inWords(error))));
  // The engine's adapter prints name and stack.
  told.name = "";
  told.stack = "";
  return told;
}
