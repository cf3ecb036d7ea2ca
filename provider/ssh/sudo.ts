import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";

/** What sudo prints when it wants the password, and what our command prints once it runs as root. */
export interface SudoMarkers {
  prompt: string;
  opened: string;
}

/** `command` as root. A password is never part of it: sudo reads that from stdin, when it prompts. */
export function sudo(command: string, password: string | undefined, { prompt }: SudoMarkers): string {
  // Its messages are recognised by their words. -k: a remembered login would hide a wrong password until later.
  const ask = password === undefined ? "-n" : `-k -S -p ${prompt}`;
  return `env LC_ALL=C sudo ${ask} -- ${command}`;
}

/** Reads what comes on stderr until the command runs as root, and answers the prompt. */
export class SudoPrompt {
  private said = "";
  private asked = 0;
  private isOpen = false;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly words: SudoMarkers,
    private readonly on: { prompt: () => void; opened: () => void; refused: (error: SshError) => void },
  ) {}

  get opened(): boolean {
    return this.isOpen;
  }

  /** Takes a piece of stderr and returns what of it is the command's own. */
  read(text: string): string {
    if (this.isOpen) return text;
    this.said += text;
    const end = this.said.indexOf(`${this.words.opened}\n`);
    if (end >= 0) {
      this.isOpen = true;
      this.on.opened();
      return this.said.slice(end + this.words.opened.length + 1);
    }
    const prompts = this.said.split(this.words.prompt).length - 1;
    if (prompts > this.asked) {
      this.asked = prompts;
      if (prompts === 1) this.on.prompt();
      else this.on.refused(this.refusal());
    }
    return "";
  }

  /** Why the command never ran. A login shell such as nologin says it on stdout. */
  refusal(stdout = ""): SshError {
    const said = `${this.said.replaceAll(this.words.prompt, "")}\n${stdout}`.trim();
    const known = this.asked > 1 ? wrongPassword : refusals.find(({ pattern }) => pattern.test(said));
    const quoted =
      said === ""
        ? "sudo ended without a word"
        : said
            .split("\n")
            .map((line) => line.trim())
            .join("; ");
    return new SshError("sudo", {
      action: "become root with sudo",
      host: this.endpoint.name,
      cause: known ? `${known.seen} (${quoted})` : quoted,
      hint: known ? known.next(this.endpoint.user) : "Run sudo -v as that user on the machine to see what is wrong.",
    });
  }
}

interface Refusal {
  pattern: RegExp;
  seen: string;
  next: (user: string) => string;
}

const wrongPassword: Refusal = {
  pattern: /incorrect (password|authentication) attempt|sorry, try again|no password was provided/i,
  seen: "sudo does not accept the password",
  next: () => "Correct connection.sudo.password.",
};

const refusals: Refusal[] = [
  {
    pattern: /must have a tty/i,
    seen: "sudo wants a terminal",
    next: (user) => `Put "Defaults:${user} !requiretty" into a file of /etc/sudoers.d.`,
  },
  wrongPassword,
  {
    pattern: /a password is required|a terminal is required|interactive authentication is required/i,
    seen: "sudo wants a password",
    next: (user) => `Set connection.sudo.password, or allow ${user} to run everything without one (NOPASSWD).`,
  },
  {
    pattern: /not in the sudoers file|may not run sudo|is not allowed to (execute|run)/i,
    seen: "this user may not become root",
    next: (user) => `Allow ${user} in sudoers, or log in as someone else.`,
  },
  {
    pattern: /account (or password is expired|validation failure)|password (has )?expired/i,
    seen: "the user's password or account has expired",
    next: (user) => `Renew it on the machine (chage -l ${user}).`,
  },
  {
    pattern: /sudo.*(not found|no such file)/i,
    seen: "sudo is not installed",
    next: () => "Install sudo, or log in as root.",
  },
];
