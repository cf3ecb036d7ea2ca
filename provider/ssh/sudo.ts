import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";

/** The text that sudo prints to ask for the password, and the text that our command prints when it runs as root. */
export interface SudoMarkers {
  prompt: string;
  opened: string;
}

/** Returns a command that runs `command` as root. It contains no password: sudo reads that from stdin after its prompt. */
export function sudo(command: string, password: string | undefined, { prompt }: SudoMarkers): string {
  // LC_ALL: the messages are recognised by their text. -k: a cached login would hide a wrong password until later.
  const ask = password === undefined ? "-n" : `-k -S -p ${prompt}`;
  return `env LC_ALL=C sudo ${ask} -- ${command}`;
}

/** Reads stderr until the command runs as root, and answers the prompt. */
export class SudoPrompt {
  private output = "";
  private promptCount = 0;
  private isOpen = false;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly words: SudoMarkers,
    private readonly on: { prompt: () => void; opened: () => void; refused: (error: SshError) => void },
  ) {}

  get opened(): boolean {
    return this.isOpen;
  }

  /** Takes a chunk of stderr and returns the part that the command itself printed. */
  read(text: string): string {
    if (this.isOpen) return text;
    this.output += text;
    const end = this.output.indexOf(`${this.words.opened}\n`);
    if (end >= 0) {
      this.isOpen = true;
      this.on.opened();
      return this.output.slice(end + this.words.opened.length + 1);
    }
    const prompts = this.output.split(this.words.prompt).length - 1;
    if (prompts > this.promptCount) {
      this.promptCount = prompts;
      if (prompts === 1) this.on.prompt();
      else this.on.refused(this.refusal());
    }
    return "";
  }

  /** Returns the error if the command never ran. A login shell such as nologin prints the reason on stdout. */
  refusal(stdout = ""): SshError {
    const printed = `${this.output.replaceAll(this.words.prompt, "")}\n${stdout}`.trim();
    const known = this.promptCount > 1 ? wrongPassword : refusals.find(({ pattern }) => pattern.test(printed));
    const quoted =
      printed === ""
        ? "sudo printed nothing"
        : printed
            .split("\n")
            .map((line) => line.trim())
            .join("; ");
    return new SshError("sudo", {
      action: "become root with sudo",
      host: this.endpoint.name,
      cause: known ? `${known.cause} (${quoted})` : quoted,
      hint: known ? known.hint(this.endpoint.user) : "Run sudo -v as that user on the machine to see what is wrong.",
    });
  }
}

interface Refusal {
  pattern: RegExp;
  cause: string;
  hint: (user: string) => string;
}

const wrongPassword: Refusal = {
  pattern: /incorrect (password|authentication) attempt|sorry, try again|no password was provided/i,
  cause: "sudo does not accept the password",
  hint: () => "Correct connection.sudo.password.",
};

const refusals: Refusal[] = [
  {
    pattern: /must have a tty/i,
    cause: "sudo requires a terminal",
    hint: (user) => `Put "Defaults:${user} !requiretty" into a file of /etc/sudoers.d.`,
  },
  wrongPassword,
  {
    pattern: /a password is required|a terminal is required|interactive authentication is required/i,
    cause: "sudo requires a password",
    hint: (user) => `Set connection.sudo.password, or allow ${user} to run everything without one (NOPASSWD).`,
  },
  {
    pattern: /not in the sudoers file|may not run sudo|is not allowed to (execute|run)/i,
    cause: "this user may not become root",
    hint: (user) => `Allow ${user} in sudoers, or log in as another user.`,
  },
  {
    pattern: /account (or password is expired|validation failure)|password (has )?expired/i,
    cause: "the user's password or account has expired",
    hint: (user) => `Renew it on the machine (chage -l ${user}).`,
  },
  {
    pattern: /sudo.*(not found|no such file)/i,
    cause: "sudo is not installed",
    hint: () => "Install sudo, or log in as root.",
  },
];
