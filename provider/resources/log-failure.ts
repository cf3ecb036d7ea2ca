import * as pulumi from "@pulumi/pulumi";

/** Says what is wrong, and makes the run a failure when all else is done: so it hides nothing and stops nobody else. */
export function logFailure(sentence: string, resource: pulumi.Resource): void {
  void pulumi.log.error(sentence, resource);
  process.exitCode = reportedFailureCode;
}

/** Pulumi's own code of a program that has told what is wrong. */
const reportedFailureCode = 32;
