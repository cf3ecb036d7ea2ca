import { sentence } from "./sentence";

/** What stands in a message to a user: what was attempted, where, what was seen, and the way out. */
export interface Trouble {
  /** "enable the virtual functions" */
  tried: string;
  host?: string;
  /** A PCI address, a UUID, a file: the thing it happened to. */
  device?: string;
  seen: string;
  next?: string;
}

/** An error that a user can act on. Everything else that is thrown is a bug, and only bugs show their stack. */
export class UserError extends Error {
  override readonly name = "UserError";

  constructor(readonly trouble: Trouble) {
    super(inOneMessage(trouble));
  }
}

function inOneMessage({ tried, host, device, seen, next }: Trouble): string {
  const where = [host && `on ${host}`, device && `for ${device}`].filter(Boolean).join(" ");
  const message = `Could not ${tried}${where && ` ${where}`}: ${sentence(seen)}`;
  return next ? `${message} ${sentence(next)}` : message;
}

export const isUserError = (error: unknown): error is UserError => error instanceof UserError;
