import * as pulumi from "@pulumi/pulumi";
import { newNames } from "../lifecycle/migrate";

/**
 * Keeps the run open until something has been checked or reported. A program of the Automation API is over when its resources are
 * registered, while its process goes on; elsewhere the process ends only after all work.
 */
export function holdRunOpen(work: Promise<void>): void {
  const done = pulumi.runtime.rpcKeepAlive();
  void work.finally(done);
}

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

/** The parts of an output, which Pulumi does not name publicly. */
interface OutputParts {
  promise(withUnknowns: boolean): Promise<unknown>;
  isKnown: Promise<boolean>;
  isSecret: Promise<boolean>;
  resources(): Set<pulumi.Resource>;
  allResources(): Promise<Set<pulumi.Resource>>;
}

// `pulumi.output` and `apply` would make seven outputs of ten promises each, for each resource of a program.
const OutputOf = pulumi.Output as unknown as new (
  resources: Set<pulumi.Resource>,
  promise: Promise<unknown>,
  isKnown: Promise<boolean>,
  isSecret: Promise<boolean>,
  allResources: Promise<Set<pulumi.Resource>>,
) => pulumi.Output<unknown>;

function firstGiven(output: pulumi.Output<unknown>, former: pulumi.Output<unknown>): pulumi.Output<unknown> {
  const [now, before] = [output, former] as unknown as [OutputParts, OutputParts];
  const isGiven = async (one: OutputParts) => (await one.isKnown) && (await one.promise(true)) !== undefined;
  const chosen = (async () => (!(await isGiven(now)) && (await isGiven(before)) ? before : now))();
  const part = async <T>(of: (one: OutputParts) => Promise<T>) => of(await chosen);
  return new OutputOf(
    now.resources(),
    part((one) => one.promise(true)),
    part((one) => one.isKnown),
    part((one) => one.isSecret),
    part((one) => one.allResources()),
  );
}

/** Returns the value of an output, or undefined if a preview does not know it yet. */
export const valueIfKnown = async <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T> | undefined> =>
  (await isOutputKnown(output)) ? outputValue(output) : undefined;
