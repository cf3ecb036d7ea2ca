import { sentence } from "./text";

/** The parts of a message to a user: what was tried, where, the cause, and what to do. */
export interface ErrorDetails {
  /** "enable the virtual functions" */
  action: string;
  host?: string;
  /** The PCI address, UUID or file that is affected. */
  device?: string;
  cause: string;
  hint?: string;
}

/** An error that a user can act on. Anything else that is thrown is a bug, and only bugs show their stack. */
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

/** Returns the message for an error. Only a bug shows its stack. */
export function errorMessage(error: unknown): string {
  if (isUserError(error)) return error.message;
  const { stack = String(error) } = error as Partial<Error>;
  return `This is a bug in pulumi-nvidia-vgpu: ${stack}`;
}
