export { apply, type Applied, type ApplyOptions } from "./apply";
export type { AppliedStep, StepRun } from "./applied-step";
export { rebootTimedOut, stepFailure } from "./failure";
export { hostLibrary } from "./library";
export { lookIn, lookScript, runAtWork, type Look } from "./look";
export { isAway, patiently } from "./patience";
export { rollbackInWords } from "./rollback";
export type { RunEvents } from "./run-log";
export { oneLine, seconds } from "./text";
