import type { Step } from "../plan";

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
