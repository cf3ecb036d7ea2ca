export { oneLine, seconds } from "../model/text";
export { type Applied, type ApplyOptions, apply } from "./apply";
export { rebootTimedOut, stepFailure } from "./failure";
export { hostLibrary } from "./job";
export { isUnreachable, retryUntil } from "./retry";
export { describeRollback } from "./rollback";
export type { AppliedStep, RunEvents, StepRun } from "./run-log";
export { parseSnapshot, runAtWork, type Snapshot, snapshotScript } from "./snapshot";
