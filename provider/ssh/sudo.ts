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
    /incorrect (password|authentication) attempt|sorry, try again|authentication failed\b|no password was provided/i,
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
    pattern:
      /(sudoers|sudoers\.d\S*):\d+.*syntax error|(syntax|parse) error .*near line|no valid sudoers sources|sudo\S* (is (world|group) writable|is owned by [ug]id)|error in \S*sudo\.conf|unable to (open|read|stat) \S*sudoers|sudoers specifies that/i,
    cause: "the sudoers files have an error",
    hint: () => "Check them on the machine: visudo -c.",
  },
  {
    pattern: /PAM (account management|authentication) error|unable to initialize PAM|pam_\w+: .*error/i,
    cause: "PAM of sudo fails on the machine",
    hint: () => "Check /etc/pam.d/sudo there, and the log: journalctl -t sudo.",
  },
  {
    pattern: /who are you\?|do not exist in the passwd database/i,
    cause: "the machine does not find this user, although it let it log in",
    hint: (user) => `Check the directory service there (sssd, LDAP): getent passwd ${user}.`,
  },
  {
    pattern: /unable to (open|write to) (I\/O )?log file: |error initializing audit plugin/i,
    cause: "sudo cannot write its log, so it runs nothing",
    hint: () => "Check that /var/log there has free space and is writable.",
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
    pattern:
      /account (or password is expired|expired|validation failure)|password (has )?expired|change your password/i,
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
    pattern: /sudo['’]?: (command )?(not found|no such file)/i,
    cause: "sudo is not installed",
    hint: () => "Install sudo, or log in as root.",
  },
  {
    pattern: /sudo['’]?: permission denied/i,
    cause: "this user may not run sudo",
    hint: (user) => `Add ${user} to the group that may (ls -l /usr/bin/sudo), or log in as another user.`,
  },
];
