import * as pulumi from "@pulumi/pulumi";
import { innerRun } from "./inner-run";

/** Pulumi's exit code of a program that has printed its errors itself. */
const reportedFailureCode = 32;

/** Whether the CLI runs this process for a program. A program of the Automation API runs in the process of its user. */
const isProgramProcess = /[\\/]pulumi[\\/]cmd[\\/]run/.test(process.argv[1] ?? "");

/** Returns whether a preview fails if a host is unreachable or blocked: the configuration `nvidia-vgpu:strictPreview`. */
export const isPreviewStrict = (): boolean => new pulumi.Config("nvidia-vgpu").getBoolean("strictPreview") ?? false;

/** Whether this run can fail before its deletions. A program of the Automation API cannot: its SDK begins with them at its end. */
export const canHoldBackDeletions = (): boolean => isProgramProcess || innerRun() !== undefined;

/**
 * Prints an error, and makes the run fail at its end. All steps and deletions are made first: Pulumi's SDK waits for them between the
 * event `beforeExit`, when the exit code must still be 0, and `exit`. `beforeDeletions`: without the deletions. In the Automation API
 * the error alone makes the run fail, and the exit code is that of the user's process.
 */
export function logFailure(
  sentence: string,
  resource: pulumi.Resource,
  { beforeDeletions = false }: { beforeDeletions?: boolean } = {},
): void {
  void pulumi.log.error(sentence, resource);
  const inner = innerRun();
  if (inner) return void (inner.hasFailed = true);
  if (!isProgramProcess) return;
  if (beforeDeletions) process.exitCode = reportedFailureCode;
  else process.once("exit", () => (process.exitCode ||= reportedFailureCode));
}
