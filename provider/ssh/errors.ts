import type { ErrorDetails } from "../model/errors";
import { UserError } from "../model/errors";

/**
 * unreachable: no ssh server answers there; login: it refuses us; hostKey: it is not the machine that was expected;
 * settings: what the connection says cannot work; lost: the connection broke while in use;
 * sudo: no root rights; timeout, limit: a command ran too long or said too much; silent: nothing came from it and nothing went to it.
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
    trouble: ErrorDetails,
  ) {
    super(trouble);
  }
}
