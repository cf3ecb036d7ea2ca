import { sentence } from "./text";

/** What stands in a message to a user: what was attempted, where, what was seen, and the way out. */
export interface ErrorDetails {
  /** "enable the virtual functions" */
  action: string;
  host?: string;
  /** A PCI address, a UUID, a file: the thing it happened to. */
  device?: string;
  cause: string;
  hint?: string;
}

/** An error that a user can act on. Everything else that is thrown is a bug, and only bugs show their stack. */
export class UserError extends Error {
  override readonly name = "UserError";

  constructor(readonly details: ErrorDetails) {
    super(formatMessage(details));
  }
}

function formatMessage({ action, host, device, cause, hint }: ErrorDetails): string {
  const where = [host && `on ${host}`, device && `for ${device}`].filter(Boolean).join(" ");
  const message = `Could not ${action}${where && ` ${where}`}: ${sentence(cause)}`;
  return hint ? `${message} ${sentence(hint)}` : message;
}

export const isUserError = (error: unknown): error is UserError => error instanceof UserError;
