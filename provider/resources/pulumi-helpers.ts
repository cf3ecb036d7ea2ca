import * as pulumi from "@pulumi/pulumi";
import { newNames } from "../lifecycle/migrate";

/** Returns whether an output has a value in this preview. Pulumi has no public name for it. */
export const isOutputKnown = (output: pulumi.Output<unknown>): Promise<boolean> =>
  (output as unknown as { isKnown: Promise<boolean> }).isKnown;

/** Resolves when the output is known, and never for one that is not. */
export const outputValue = <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value as pulumi.Unwrap<T>)));

/**
 * Gives a resource its outputs where release 0.1 wrote the state. A resource that does not change keeps that state, and no
 * provider is called for it that could migrate it.
 */
export function renameFormerOutputs(resource: pulumi.Resource): void {
  const outputs = resource as unknown as Record<string, pulumi.Output<unknown>>;
  for (const [former, name] of Object.entries(newNames)) {
    // Inputs are among the outputs too, and have no former output.
    if (outputs[name] && outputs[former]) outputs[name] = firstGiven(outputs[name], outputs[former]);
    delete outputs[former];
  }
}

/** Names of outputs to register for those that were renamed. */
export const formerNames = (names: readonly string[]): string[] =>
  Object.keys(newNames).filter((former) => names.includes(newNames[former]!));

function firstGiven(output: pulumi.Output<unknown>, former: pulumi.Output<unknown>): pulumi.Output<unknown> {
  const isGiven = async (one: pulumi.Output<unknown>) =>
    (await isOutputKnown(one)) && (await outputValue(one)) !== undefined;
  // Within an object: a promise must not resolve to an output itself.
  const choose = async () => ({ output: !(await isGiven(output)) && (await isGiven(former)) ? former : output });
  return pulumi.output(choose()).apply(({ output: value }) => value as unknown);
}

/** Returns the value of an output, or undefined if a preview does not know it yet. */
export const valueIfKnown = async <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T> | undefined> =>
  (await isOutputKnown(output)) ? outputValue(output) : undefined;
