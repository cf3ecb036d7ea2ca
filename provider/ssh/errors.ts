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
