export { apply, type Applied, type ApplyOptions } from "./apply";
export type { AppliedStep, StepRun, RunEvents } from "./run-log";
export { rebootTimedOut, stepFailure } from "./failure";
export { hostLibrary } from "./job";
export { parseSnapshot, snapshotScript, runAtWork, type Snapshot } from "./snapshot";
export { isUnreachable, retryUntil } from "./retry";
export { describeRollback } from "./rollback";
export { oneLine, seconds } from "../model/text";
