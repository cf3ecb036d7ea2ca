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

/** A blocker: nothing was changed on the host, and a later attempt may succeed. */
export class BlockedError extends UserError {}

export const isUserError = (error: unknown): error is UserError => error instanceof UserError;

/** Limits of the machine that runs this program. Reaching one is no bug. */
export const limitsHere = {
  EMFILE: {
    cause: "this program may not open more files and connections",
    hint: "Raise the limit where it is started: ulimit -n 4096, or LimitNOFILE of the unit, also the hard limit (ulimit -Hn).",
  },
  ENFILE: {
    cause: "the machine that runs this program has no file descriptors left",
    hint: "Check what uses them there: sysctl fs.file-nr.",
  },
  ENOSPC: {
    cause: "a file system of the machine that runs this program is full",
    hint: "Make room there: df -h.",
  },
  ENOMEM: {
    cause: "the machine that runs this program has no memory left",
    hint: "Free some there, or run it elsewhere.",
  },
} as const;

const limitHere = (code: unknown) =>
  typeof code === "string" && code in limitsHere ? limitsHere[code as keyof typeof limitsHere] : undefined;

/** Returns the message for an error. Only a bug shows its stack. */
export function errorMessage(error: unknown): string {
  if (isUserError(error)) return error.message;
  const { stack = String(error), code, syscall = "continue", path } = error as Partial<NodeJS.ErrnoException>;
  const limit = limitHere(code);
  if (limit) return formatMessage({ action: path ? `${syscall} ${path}` : syscall, ...limit });
  return `This is a bug in pulumi-nvidia-vgpu: ${stack}`;
}
