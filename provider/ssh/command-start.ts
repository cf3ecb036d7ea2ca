import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";
import { loginRefusals } from "./login-refusals";
import type { StreamName } from "./output";
import { asksForHand, asksForSecondFactor, explainPrompt } from "./prompts";
import type { Explanation } from "./refusal";
import { explain, quoted } from "./refusal";
import type { Markers } from "./sudo";
import { sudoRefusals, wrongPassword } from "./sudo";

/** How long an unexpected prompt waits for an answer that cannot be given. */
const promptMs = 8_000;
/** How long nothing may be printed. sudo may wait for a directory service. */
const silentMs = 90_000;

export interface StartOptions {
  markers: Markers;
  usesSudo: boolean;
  /** What a known program prints that a key with a forced command runs, whatever is requested. Its output is the result. */
  forcedOutput?: RegExp;
}

export interface StartEvents {
  /** sudo asks for the password. */
  prompt: () => void;
  /** The command waits for its script. */
  opened: () => void;
  refused: (error: SshError) => void;
}

/**
 * Reads both streams of a command until it waits for its script. Before that, start files of the login shell, PAM and sudo may print
 * anything, with or without line ends: the markers separate it from the output of the command.
 */
export class CommandStart {
  private readonly markers: Markers;
  private readonly usesSudo: boolean;
  private readonly forcedOutput: RegExp | undefined;
  /** The server runs the program of the forced command, and takes no script. */
  isForced = false;
  private readonly before: Record<StreamName, string> = { stdout: "", stderr: "" };
  private readonly past: Record<StreamName, boolean> = { stdout: false, stderr: false };
  private promptCount = 0;
  private isOver = false;
  private readonly timer: NodeJS.Timeout;
  private lastHeard = performance.now();

  constructor(
    private readonly endpoint: Endpoint,
    { markers, usesSudo, forcedOutput }: StartOptions,
    private readonly on: StartEvents,
  ) {
    this.markers = markers;
    this.usesSudo = usesSudo;
    this.forcedOutput = forcedOutput;
    this.timer = setInterval(() => this.checkSilence(), 1000);
  }

  get isOpen(): boolean {
    return this.past.stdout || this.past.stderr;
  }

  /** Takes a chunk of a stream and returns the part that the command itself printed. */
  read(stream: StreamName, text: string): string {
    if (this.past[stream]) return text;
    if (text !== "") this.lastHeard = performance.now();
    this.before[stream] += text;
    const own = this.findOpened(stream) ?? (stream === "stdout" ? this.findForced() : undefined);
    if (own === undefined && !this.isOver) this.checkPrompts();
    return own ?? "";
  }

  stop(): void {
    this.isOver = true;
    clearInterval(this.timer);
  }

  /** Returns the error for a command that did not start, with what was printed instead. `how` is how it ended. */
  refusal(how: string): SshError {
    const printed = this.printed();
    const { cause, hint } = this.explanation(printed) ?? this.fallback(printed, how);
    return this.error(cause, hint);
  }

  private findOpened(stream: StreamName): string | undefined {
    const text = this.before[stream];
    const end = new RegExp(`${this.markers.opened}\r?\n`).exec(text);
    if (!end) return undefined;
    const isFirst = !this.isOpen;
    this.past[stream] = true;
    this.before[stream] = "";
    if (isFirst && !this.isOver) {
      this.stop();
      this.on.opened();
    }
    return text.slice(end.index + end[0].length);
  }

  private findForced(): string | undefined {
    const text = this.before.stdout;
    const start = this.isOpen ? undefined : this.forcedOutput?.exec(text);
    if (!start) return undefined;
    this.isForced = true;
    this.past.stdout = this.past.stderr = true;
    this.stop();
    return text.slice(start.index);
  }

  private checkPrompts(): void {
    const asked = this.before.stderr.split(this.markers.prompt);
    if (asked.length - 1 > this.promptCount) {
      this.promptCount = asked.length - 1;
      if (this.promptCount === 1) this.on.prompt();
      else this.refuse(this.secondPrompt(withoutFrame(asked[1]!)));
    } else if (/rather than the user/i.test(this.before.stdout)) {
      // cloud-init's sentence, which it leaves on the screen for 10 s before it closes.
      this.refuse(explain(loginRefusals, this.before.stdout, this.endpoint.user));
    }
  }

  /** Our prompt came again. If the first answer was not refused, it is another question under the same words (SSSD, pam_oath). */
  private secondPrompt(between: string): Explanation {
    const { user } = this.endpoint;
    const isRefused = between.trim() !== "" && (wrongPassword.pattern.test(between) || !asksForSecondFactor(between));
    // Any other text is a refusal too: insults, badpass_message, other languages.
    if (isRefused) return explain([{ ...wrongPassword, pattern: /^/ }], between, user)!;
    const { hint } = explainPrompt("second factor", "sudo", user);
    const words = between.trim() === "" ? "" : ` (${quoted(between)})`;
    return {
      cause: `sudo asks again without refusing the password${words}: a second factor, which cannot be given here`,
      hint,
    };
  }

  private checkSilence(): void {
    const silence = performance.now() - this.lastHeard;
    if (silence < promptMs) return;
    const prompt = this.openPrompt();
    if (prompt !== undefined) this.refuse(explainPrompt(prompt, this.asker, this.endpoint.user));
    else if (silence >= silentMs)
      this.refuse(this.fallback(this.printed(), `printed nothing more for ${silentMs / 1000} s`));
  }

  private get asker(): "sudo" | "start files" {
    return this.usesSudo && this.hasBegun ? "sudo" : "start files";
  }

  private get hasBegun(): boolean {
    return this.before.stderr.includes(this.markers.begun);
  }

  /** Returns the last line if it waits for an answer: it has no end, or asks for a touch. */
  private openPrompt(): string | undefined {
    for (const text of [this.sinceBegun(), this.hasBegun ? "" : this.before.stdout]) {
      const lines = withoutFrame(text.split(this.markers.prompt).at(-1)!).split("\n");
      const unfinished = lines.pop()!.trim();
      if (unfinished !== "") return unfinished;
      const finished = lines.filter((line) => line.trim() !== "").at(-1);
      if (finished !== undefined && asksForHand(finished)) return finished.trim();
    }
    return undefined;
  }

  /** Returns what stderr has of sudo, or all of it if sudo has not begun. */
  private sinceBegun(): string {
    const { begun } = this.markers;
    const at = this.before.stderr.lastIndexOf(begun);
    return at < 0 ? this.before.stderr : this.before.stderr.slice(at + begun.length).replace(/^\r?\n/, "");
  }

  private printed(): string {
    const spoken = this.hasBegun ? [this.sinceBegun()] : [this.before.stderr, this.before.stdout];
    return spoken
      .map((text) => text.split(this.markers.prompt).map(withoutFrame).join(""))
      .join("\n")
      .trim();
  }

  private explanation(printed: string): Explanation | undefined {
    const { user } = this.endpoint;
    return explain(this.hasBegun ? sudoRefusals : loginRefusals, printed, user);
  }

  private fallback(printed: string, how: string): Explanation {
    const { user } = this.endpoint;
    const words = printed === "" ? "" : ` (${quoted(printed)})`;
    if (this.hasBegun)
      return { cause: `sudo ${how}${words}`, hint: "Run sudo -v as that user on the machine to see what is wrong." };
    return {
      cause: `logged in, but the login ${how} and ran no command${words}`,
      hint: `Check that ssh ${this.endpoint.name} true works: exit in a start file of ${user}'s shell, or a forced command (command= in authorized_keys, ForceCommand).`,
    };
  }

  private refuse(explanation: Explanation | undefined): void {
    if (!explanation || this.isOver) return;
    this.stop();
    this.on.refused(this.error(explanation.cause, explanation.hint));
  }

  private error(cause: string, hint: string): SshError {
    const host = this.endpoint.name;
    return this.hasBegun
      ? new SshError("sudo", { action: "become root with sudo", host, cause, hint })
      : new SshError("login", { action: "start a command", host, cause, hint });
  }
}

/** Removes what sudo-rs prints around our prompt: `[sudo: PROMPT] Password: `. */
const withoutFrame = (text: string): string => text.replace(/^\] Password: ?/, "").replace(/\[sudo: $/, "");
