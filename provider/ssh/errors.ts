import type { ErrorDetails } from "../model/errors";
import { UserError } from "../model/errors";

/**
 * unreachable: no ssh server answers; login: the server refuses the login; hostKey: it is not the expected machine;
 * settings: the arguments of the connection cannot work; lost: the connection broke while in use;
 * sudo: no root rights; timeout, limit: a command ran too long or printed too much; silent: no data was received or sent.
 */
export type SshErrorKind =
  | "unreachable"
  | "login"
  | "hostKey"
  | "settings"
  | "lost"
  | "sudo"
  | "timeout"
  | "limit"
  | "silent";

export class SshError extends UserError {
  constructor(
    readonly kind: SshErrorKind,
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/** Returns the error for something on this machine. It names no host: all that share it have the same message. */
export const settingsError = (what: string, cause: string, hint: string): SshError =>
  new SshError("settings", { action: `read ${what} for the login`, cause, hint });

/** The pause before the next attempt. It is doubled after each one. */
interface Pause {
  firstMs: number;
  longestMs: number;
}

/** An error after which the next attempt may succeed. `isRefusal`: the server names a reason that passes with time. */
export class TransientDialError extends SshError {
  constructor(
    details: ErrorDetails,
    readonly pause: Pause = { firstMs: 250, longestMs: 5_000 },
    readonly isRefusal = false,
  ) {
    super("unreachable", details);
  }
}
