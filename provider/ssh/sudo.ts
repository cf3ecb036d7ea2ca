import type { SshError } from "./errors";
import type { Refusal } from "./refusal";
import { disguised, quote } from "./script";

/** The texts that show how far the start of a command has come. Start files cannot print them by chance. */
export interface Markers {
  /** By which sudo asks for the password. */
  prompt: string;
  /** Printed before sudo: the start files of the login shell are done. */
  begun: string;
  /** Printed before the script is read. */
  opened: string;
}

/**
 * Returns a command that runs `command` as root. It contains no password: sudo reads that from stdin after its prompt. sudo-rs prints
 * the prompt as `[sudo: PROMPT] Password: `.
 */
export function sudo(
  command: string,
  password: string | undefined,
  { prompt, begun }: Omit<Markers, "opened">,
): string {
  // -k: a cached login would hide a wrong password until later.
  const ask = password === undefined ? "-n" : `-k -S -p ${disguised(prompt)}`;
  // LC_ALL: the messages are recognised by their text.
  return `env LC_ALL=C sh -c ${quote(`echo ${disguised(begun)} >&2; exec sudo ${ask} -- ${command}`)}`;
}

export const wrongPassword: Refusal = {
  pattern:
    /incorrect (password|authentication) attempt|sorry, try again|authentication failed, try again|no password was provided/i,
  cause: "sudo does not accept the password",
  hint: () => "Correct connection.sudo.password.",
};

/** Returns whether the connection has a password that sudo does not accept. */
export const isWrongPassword = ({ kind, details }: SshError): boolean =>
  kind === "sudo" && details.cause.startsWith(wrongPassword.cause);

/** Texts of sudo 1.8 and 1.9 (plugins/sudoers, lib/util), of sudo-rs, and of PAM modules that sudo passes on. */
export const sudoRefusals: readonly Refusal[] = [
  {
    pattern: /must have a tty/i,
    cause: "sudo requires a terminal",
    hint: (user) => `Put "Defaults:${user} !requiretty" into a file of /etc/sudoers.d.`,
  },
  {
    pattern: /account (is|has been|temporarily) locked/i,
    cause: "the account is locked after failed logins",
    hint: (user) => `Unlock it on the machine: faillock --user ${user} --reset.`,
  },
  {
    pattern: /(sudoers|sudoers\.d\S*):\d+.*syntax error|syntax error near line|no valid sudoers sources/i,
    cause: "the sudoers files have an error",
    hint: () => "Check them on the machine: visudo -c.",
  },
  wrongPassword,
  {
    pattern: /a password is required|a terminal is required|interactive authentication is required/i,
    cause: "sudo requires a password",
    hint: (user) => `Set connection.sudo.password, or allow ${user} to run everything without one (NOPASSWD).`,
  },
  {
    pattern: /not in the sudoers file|may not run sudo|is not allowed to (execute|run)|I'm afraid I can't do that/i,
    cause: "this user may not become root",
    hint: (user) => `Allow ${user} in sudoers, or log in as another user.`,
  },
  {
    pattern: /account (or password is expired|validation failure)|password (has )?expired|change your password/i,
    cause: "the user's password or account has expired",
    hint: (user) => `Renew it on the machine (chage -l ${user}).`,
  },
  {
    pattern: /"?no new privileges"? flag|effective uid is not 0|must be owned by uid 0|must be setuid root/i,
    cause: "sudo cannot become root in this login",
    hint: () =>
      "Log in to the host itself, not to a container, and check the mode of sudo and the mount options (nosuid).",
  },
  {
    pattern: /timeout: .*(not found|no such file)|(not found|no such file).*timeout/i,
    cause: "the program timeout is missing",
    hint: () => "Install coreutils there.",
  },
  {
    pattern: /sudo.*(not found|no such file)/i,
    cause: "sudo is not installed",
    hint: () => "Install sudo, or log in as root.",
  },
];
