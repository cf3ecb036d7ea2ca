import type { Step } from "../plan";
import type { RunStep } from "./job";
import { stepsOfRun } from "./job";

export interface AppliedStep {
  step: Step;
  result: "done" | "failed" | "skipped";
  seconds: number;
  /** The last lines that it printed. */
  output: string;
}

/** A step as far as its run is known. */
export interface StepRun extends AppliedStep {
  /** All lines that it printed. */
  lines: readonly string[];
  /** Its exit code; `late` when it was ended because it took too long; not there when its end was not seen. */
  ended?: string;
  /** We lost sight of it, so it may just as well have done what it should. */
  isUnknown?: boolean;
  /** It was run in the place of a step that was not done, to bring back what was taken away for that one. */
  isRollback?: boolean;
}

/** What is worth telling while it happens. */
export interface RunEvents {
  stepStarted(step: Step): void;
  /** A line that a function of the library wrote for people, or one that some program printed. */
  stepOutput(step: Step, line: string, forPeople: boolean): void;
  stepEnded(run: AppliedStep): void;
  /** A line about the run as a whole. */
  remark(line: string): void;
  /** Somebody else has the host: who, and what they are at. */
  waiting(forWhom: string): void;
  /** Somebody else's run reboots the host: why, and who that is. */
  rebooting(reason: string): void;
  /** The host has sent nothing for so long, though the connection is there. */
  silent(seconds: number): void;
  /** The connection is lost: what happens is not seen. */
  connectionLost(): void;
  /** And is there again. */
  connectionRestored(): void;
}

/**
 * `capture`: the run is over, and how the host looks follows; `rebooting`: it is over, the host goes down; `elsewhere`: there
 * was no run, somebody else's was in the way; `gone`: there is no such run, or no more.
 */
export type Answer = "capture" | "rebooting" | "elsewhere" | "gone";

/** How many lines of a step's output go on with it. */
const linesKept = 20;

/** Reads what follow.sh and host/run.sh print, line by line. */
export class RunLog {
  /** Lines read so far. */
  count = 0;
  /** The runner came to the end of its steps. */
  isDone = false;
  readonly answers = new Set<Answer>();
  /** Somebody else's run reboots the host. */
  isRebootedByOther = false;
  /** When the look at the host began, on the clock of performance.now(). */
  capturedAt: number | undefined;
  private readonly runs: Begun[] = [];
  /** Printed where no step was running: by a shell that could not even read its script. */
  private readonly stray: string[] = [];
  private current: Begun | undefined;
  private readonly mark: string;
  private readonly steps: readonly RunStep[];

  /** `told`: so many lines were read before the connection was lost, and are not told again. */
  constructor(
    token: string,
    steps: readonly Step[],
    private readonly on: RunEvents,
    private readonly told = 0,
  ) {
    this.mark = `--${token} `;
    this.steps = stepsOfRun(steps);
  }

  take(line: string): void {
    if (this.answers.has("capture")) return;
    this.count++;
    if (!line.startsWith(this.mark)) return this.print(line, false);
    const words = line.slice(this.mark.length).split(" ");
    const [word, number, time, ended] = words;
    if (word === "say") this.print(words.slice(1).join(" "), true);
    else if (word === "begin") this.begin(this.steps[Number(number)]!, Number(time));
    else if (word === "end") this.end(Number(time), ended!);
    else if (word === "waiting") this.on.waiting(words.slice(1).join(" "));
    else if (word === "reboot") this.rebootByOther(words.slice(1).join(" "));
    else if (word === "done") this.isDone = true;
    else this.answer(word as Answer);
  }

  /** The step that reboots the host did so; what it would print behind that may not come any more. */
  get hasRebooted(): boolean {
    return this.runs.some(({ step, ended }) => step.requiresReboot === true && ended === "0");
  }

  /** The step that reboots the host has begun, and was not seen to end. */
  get isAtReboot(): boolean {
    return this.current?.step.requiresReboot === true;
  }

  /** What began, and what was left out because of what failed. Steps that the run never came to, or need not do, are not in it. */
  get results(): StepRun[] {
    const begun = this.runs.map((run) => this.resultOf(run));
    const left = this.steps.flatMap(({ step, insteadOf }) =>
      insteadOf || this.runs.some((run) => run.step === step) ? [] : [step],
    );
    if (this.isDone)
      return [
        ...begun,
        ...left.map((step): StepRun => ({ step, result: "skipped", seconds: 0, output: "", lines: [] })),
      ];
    const hasEnded = this.answers.has("capture") && !this.answers.has("elsewhere") && !this.answers.has("gone");
    if (begun.length > 0 || !hasEnded) return begun;
    return left.slice(0, 1).map((step) => this.resultOf({ step, since: 0, lines: this.stray }));
  }

  private begin({ step, insteadOf }: RunStep, time: number): void {
    this.current = { step, since: time, lines: [], ...(insteadOf && { isRollback: true }) };
    this.runs.push(this.current);
    this.tell(() => this.on.stepStarted(step));
  }

  private print(line: string, forPeople: boolean): void {
    if (line === "") return;
    if (!this.current) return forPeople ? this.tell(() => this.on.remark(line)) : void this.stray.push(line);
    const { step } = this.current;
    if (!forPeople) this.current.lines.push(line);
    this.tell(() => this.on.stepOutput(step, line, forPeople));
  }

  private end(time: number, ended: string): void {
    if (!this.current) return;
    const run = Object.assign(this.current, { ended, until: time });
    this.current = undefined;
    this.tell(() => this.on.stepEnded(this.resultOf(run)));
  }

  private rebootByOther(reason: string): void {
    this.isRebootedByOther = true;
    this.on.rebooting(reason);
  }

  private answer(answer: Answer): void {
    this.answers.add(answer);
    if (answer === "capture") this.capturedAt = performance.now();
  }

  private tell(event: () => void): void {
    if (this.count > this.told) event();
  }

  private get isGoneWithHost(): boolean {
    return this.answers.has("rebooting") || this.answers.has("gone");
  }

  private resultOf({ step, since, until, lines, ended, isRollback }: Begun): StepRun {
    // A host that goes down takes the step that asked for it along.
    const isDone = ended === "0" || (step.requiresReboot === true && ended === undefined && this.isGoneWithHost);
    const output = lines.slice(-linesKept).join("\n");
    const result = isDone ? "done" : "failed";
    return { step, result, seconds: (until ?? since) - since, output, lines, ended, ...(isRollback && { isRollback }) };
  }
}

interface Begun {
  step: Step;
  since: number;
  until?: number;
  lines: string[];
  ended?: string;
  isRollback?: boolean;
}
