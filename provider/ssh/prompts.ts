import type { Explanation } from "./refusal";

/** A prompt that no part of a connection can answer, by what it asks for. */
interface Question {
  pattern: RegExp;
  cause: string;
  hint: (user: string) => string;
}

export type Asker = "login" | "start files" | "sudo";

const byHand: Record<Asker, (user: string) => string> = {
  login: (user) => `Log in once by hand as ${user} to see what is asked.`,
  "start files": (user) => `Make the start files of ${user}'s shell ask only in interactive shells.`,
  sudo: (user) => `Run sudo true by hand as ${user} to see what is asked.`,
};

const noSecondFactor: Record<Asker, (user: string) => string> = {
  login: (user) => `Exempt ${user} from it in sshd_config (AuthenticationMethods publickey) or in /etc/pam.d/sshd.`,
  "start files": byHand["start files"],
  sudo: (user) => `Exempt ${user} from it: NOPASSWD in sudoers, or /etc/pam.d/sudo.`,
};

const newPassword: Question = {
  pattern:
    /new password|retype|current (unix )?password|\(current\)|old password|change your password|password.*expired/i,
  cause: "a change of the password is asked for, which cannot be made here",
  hint: (user) => `Change it on the machine: passwd ${user}.`,
};

const secondFactor =
  /factor|\b[m2]fa\b|verif(y|ication)|one[- ]?time|\botp\b|token|passcode|\bpin\b|yubikey|\bduo\b|authenticator|\bcode\b|touch|\btap\b|approve|push|security key|u2f|fido|smart ?card|challenge|insert|finger|biometric/i;

const confirmation =
  /trust|are you sure|continue|yes\/no|\by(es)?\/no?\b|type '?yes|press (any key|enter|return)|confirm/i;

const password =
  /password|passphrase|passwort|kennwort|wachtwoord|mot de passe|contraseña|senha|hasło|heslo|пароль|パスワード|密码|密碼|암호/i;

/** Returns whether a prompt may ask for the password. PAM modules have it in any language, so only other questions are ruled out. */
export const mayAskForPassword = (prompt: string): boolean =>
  !newPassword.pattern.test(prompt) && !secondFactor.test(prompt) && !confirmation.test(prompt);

export const asksForSecondFactor = (text: string): boolean => secondFactor.test(text);

/** Returns whether a finished line asks for something all the same: it waits for a hand. */
export const asksForHand = (line: string): boolean =>
  /touch|\btap\b|approve|push|insert|press|confirm|finger|waiting for/i.test(line);

/** Returns what an unexpected prompt asks for, quoted, and what to do about it. */
export function explainPrompt(prompt: string, asker: Asker, user: string): Explanation {
  const question = questions(asker).find(({ pattern }) => pattern.test(prompt));
  const cause = question?.cause ?? "there is a prompt that was not expected and cannot be answered here";
  return { cause: `${cause}: "${prompt.trim()}"`, hint: (question?.hint ?? byHand[asker])(user) };
}

/** Returns what prompts ask for. The password is asked for by name in questions of other kinds too, so it comes last. */
const questions = (asker: Asker): Question[] => [
  newPassword,
  {
    pattern: /doas/i,
    cause: "doas asks for the password, in place of sudo",
    hint: (user) => `Put "permit nopass ${user}" into doas.conf there, or install sudo.`,
  },
  {
    pattern: /passphrase for/i,
    cause: "the passphrase of a key is asked for",
    hint: byHand[asker],
  },
  {
    pattern: secondFactor,
    cause: "a second factor is asked for, which cannot be given here",
    hint: noSecondFactor[asker],
  },
  {
    pattern: confirmation,
    cause: "a confirmation is asked for, which cannot be given here",
    hint: byHand[asker],
  },
  {
    pattern: password,
    cause: "a password is asked for by a prompt that is not ours",
    hint: (user) =>
      asker === "sudo"
        ? `Put "Defaults:${user} passprompt_override" into a file of /etc/sudoers.d.`
        : byHand[asker](user),
  },
];
