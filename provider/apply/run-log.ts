import type { Step } from "../plan";
import type { RunStep } from "./job";
import { stepsOfRun } from "./job";
import type { Answer } from "./run-state";
import { initialState, nextState } from "./run-state";

export interface AppliedStep {
  step: Step;
  result: "done" | "failed" | "skipped";
  seconds: number;
  /** The last lines that it printed. */
  output: string;
}

/** What is known of the run of a step. */
export interface StepRun extends AppliedStep {
  /** All lines that it printed. */
  lines: readonly string[];
  /** Its exit code; `late` when it was stopped after its time limit; undefined when its end was not observed. */
  ended?: string;
  /** The connection was lost before its end, so it may have succeeded as well. */
  isUnknown?: boolean;
  /** It was run instead of a step that was not done, to restore what had been removed for that step. */
  isRollback?: boolean;
}

/** What is reported while a run is at work. */
export interface RunEvents {
  stepStarted(step: Step): void;
  /** A line that a function of the library wrote for people, or one that some program printed. */
  stepOutput(step: Step, line: string, forPeople: boolean): void;
  stepEnded(run: AppliedStep): void;
  /** A line about the run as a whole. */
  remark(line: string): void;
  /** Another run is at work on the host: who started it, and its current step. */
  waiting(requester: string): void;
  /** Another run reboots the host: why, and who started it. */
  rebooting(reason: string): void;
  /** The host has sent nothing for so long, although the connection is up. */
  silent(seconds: number): void;
  /** The connection was lost. */
  connectionLost(): void;
  /** The connection works again. */
  connectionRestored(): void;
}

/** How many lines of a step's output its result keeps. */
const linesKept = 20;

/** Reads what follow.sh and host/run.sh print, line by line. */
export class RunLog {
  /** Lines read so far. */
  count = 0;
  /** The runner came to the end of its steps. */
  isDone = false;
  state = initialState;
  /** The run of another client reboots the host. */
  isRebootedByOtherRun = false;
  /** When the capture of the host began, on the clock of performance.now(). */
  capturedAt: number | undefined;
  private readonly runs: StartedStep[] = [];
  /** Printed while no step was running: by a shell that could not even read its script. */
  private readonly stray: string[] = [];
  private current: StartedStep | undefined;
  private readonly mark: string;
  private readonly steps: readonly RunStep[];

  /** `alreadyReported`: number of lines that were read before the connection was lost, and are not reported again. */
  constructor(
    token: string,
    steps: readonly Step[],
    private readonly events: RunEvents,
    private readonly alreadyReported = 0,
  ) {
    this.mark = `--${token} `;
    this.steps = stepsOfRun(steps);
  }

  take(line: string): void {
    if (this.state.host === "captured") return;
    this.count++;
    if (!line.startsWith(this.mark)) return this.print(line, false);
    const words = line.slice(this.mark.length).split(" ");
    const [word, number, time, ended] = words;
    if (word === "say") this.print(words.slice(1).join(" "), true);
    else if (word === "begin") this.begin(this.steps[Number(number)]!, Number(time));
    else if (word === "end") this.end(Number(time), ended!);
    else if (word === "waiting") this.events.waiting(words.slice(1).join(" "));
    else if (word === "reboot") this.rebootByOtherRun(words.slice(1).join(" "));
    else if (word === "done") this.isDone = true;
    else this.answer(word as Answer);
  }

  /** True if the step that reboots the host has succeeded. What it would print after that may not arrive. */
  get hasRebooted(): boolean {
    return this.runs.some(({ step, ended }) => step.requiresReboot === true && ended === "0");
  }

  /** True if the step that reboots the host has begun and its end was not observed. */
  get isAtReboot(): boolean {
    return this.current?.step.requiresReboot === true;
  }

  /** Returns the steps that began, and those that were skipped after a failure; not those that the run never reached or did not need. */
  get results(): StepRun[] {
    const begun = this.runs.map((run) => this.resultOf(run));
    const notRun = this.steps.flatMap(({ step, insteadOf }) =>
      insteadOf || this.runs.some((run) => run.step === step) ? [] : [step],
    );
    if (this.isDone)
      return [
        ...begun,
        ...notRun.map((step): StepRun => ({ step, result: "skipped", seconds: 0, output: "", lines: [] })),
      ];
    const hasEnded = this.state.run === "followed" && this.state.host === "captured";
    if (begun.length > 0 || !hasEnded) return begun;
    // The shell ended before the first step, which gets what it printed.
    return notRun.slice(0, 1).map((step) => this.resultOf({ step, since: 0, lines: this.stray }));
  }

  /** Notes that the run is gone, as a later connection found. */
  markMissing(): void {
    this.state = nextState(this.state, "missing");
  }

  private begin({ step, insteadOf }: RunStep, time: number): void {
    this.current = { step, since: time, lines: [], ...(insteadOf && { isRollback: true }) };
    this.runs.push(this.current);
    this.report(() => this.events.stepStarted(step));
  }

  private print(line: string, forPeople: boolean): void {
    if (line === "") return;
    if (!this.current) return forPeople ? this.report(() => this.events.remark(line)) : void this.stray.push(line);
    const { step } = this.current;
    if (!forPeople) this.current.lines.push(line);
    this.report(() => this.events.stepOutput(step, line, forPeople));
  }

  private end(time: number, ended: string): void {
    if (!this.current) return;
    const run = Object.assign(this.current, { ended, until: time });
    this.current = undefined;
    this.report(() => this.events.stepEnded(this.resultOf(run)));
  }

  private rebootByOtherRun(reason: string): void {
    this.isRebootedByOtherRun = true;
    this.events.rebooting(reason);
  }

  private answer(answer: Answer): void {
    this.state = nextState(this.state, answer);
    if (answer === "finished") this.capturedAt = performance.now();
  }

  private report(event: () => void): void {
    if (this.count > this.alreadyReported) event();
  }

  private resultOf({ step, since, until, lines, ended, isRollback }: StartedStep): StepRun {
    // A host that goes down ends the step that reboots it.
    const hasHostGoneDown = this.state.host === "rebooting" || this.state.run === "missing";
    const isDone = ended === "0" || (step.requiresReboot === true && ended === undefined && hasHostGoneDown);
    const output = lines.slice(-linesKept).join("\n");
    const result = isDone ? "done" : "failed";
    return { step, result, seconds: (until ?? since) - since, output, lines, ended, ...(isRollback && { isRollback }) };
  }
}

interface StartedStep {
  step: Step;
  since: number;
  until?: number;
  lines: string[];
  ended?: string;
  isRollback?: boolean;
}
