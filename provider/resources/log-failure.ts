import * as pulumi from "@pulumi/pulumi";

/** Prints an error, and makes the run fail at its end, so that everything else continues. */
export function logFailure(sentence: string, resource: pulumi.Resource): void {
  void pulumi.log.error(sentence, resource);
  process.exitCode = reportedFailureCode;
}

/** Pulumi's exit code of a program that has printed its errors itself. */
const reportedFailureCode = 32;
