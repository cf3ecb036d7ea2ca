import type { Refusal } from "./refusal";

/** Texts that a login prints instead of running a command: nologin(8), session.c of OpenSSH, cloud-init, PAM modules, other shells. */
export const loginRefusals: readonly Refusal[] = [
  {
    // cloud-init's disable_root, as a forced command of root.
    pattern: /login as the user "?([\w.-]+)"? rather than/i,
    cause: "the machine allows no login as this user",
    hint: (_user, [, name]) => `Set connection.user: ${name}.`,
  },
  {
    pattern: /account is (currently )?not available|not available for interactive|\bnologin\b/i,
    cause: "the login shell of this user runs nothing",
    hint: (user) => `Give ${user} a shell on the machine (usermod -s /bin/sh ${user}), or log in as another user.`,
  },
  {
    pattern: /sftp connections only|sftp-only|only sftp/i,
    cause: "this login is for sftp only",
    hint: (user) =>
      `Exempt ${user} from ForceCommand internal-sftp and ChrootDirectory in sshd_config, or log in as another user.`,
  },
  {
    pattern:
      /password change required|password (has |is )?expired|required to change your password|change your password/i,
    cause: "the password of this user has expired",
    hint: (user) => `Change it on the machine (passwd ${user}), or turn the expiry off (chage -M -1 ${user}).`,
  },
  {
    pattern: /account (has )?expired/i,
    cause: "the account of this user has expired",
    hint: (user) => `Extend it on the machine: chage -E -1 ${user}.`,
  },
  {
    pattern: /account (is |has been |temporarily )?locked/i,
    cause: "the account is locked after failed logins",
    hint: (user) => `Unlock it on the machine: faillock --user ${user} --reset.`,
  },
  {
    // pam_nologin: systemd-user-sessions has not run yet, or shutdown has begun.
    pattern:
      /system is (booting up|going down|being shut down|under maintenance)|unprivileged users are not permitted/i,
    cause: "the machine allows no logins at this moment (pam_nologin)",
    hint: () => "Run it again when the machine has booted; a file /etc/nologin there keeps logins out.",
  },
  {
    // rbash, rssh, lshell, git-shell, scponly, Teleport.
    pattern:
      /\brestricted\b|forbidden command|scponly|not provide shell access|git shell is not enabled|interactive login is disabled/i,
    cause: "the login shell of this user does not run every command",
    hint: (user) => `Give ${user} a shell on the machine (usermod -s /bin/sh ${user}), or log in as another user.`,
  },
  {
    pattern: /fork: .*resource temporarily unavailable|fork failed/i,
    cause: "this user, or the machine, has no processes left",
    hint: () => "Check the number of processes there, and nproc in /etc/security/limits.conf.",
  },
  {
    pattern: /too many logins|maxlogins/i,
    cause: "this user has too many logins",
    hint: () => "Close other sessions there, or raise maxlogins in /etc/security/limits.conf.",
  },
  {
    pattern:
      /is not recognized as|CommandNotFoundException|% ?(invalid|unknown|unrecognized)|unknown command|syntax error:? /i,
    cause: "what answers there is no POSIX shell",
    hint: () => "Check that host and port are those of the Linux machine itself.",
  },
  {
    pattern: /timeout: .*(not found|no such file)/i,
    cause: "the program timeout is missing",
    hint: () => "Install coreutils there.",
  },
];
