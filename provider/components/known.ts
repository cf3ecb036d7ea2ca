import * as pulumi from "@pulumi/pulumi";

/** Whether an output has a value in this preview. Pulumi has no public word for it. */
export const isKnown = (output: pulumi.Output<unknown>): Promise<boolean> => (output as unknown as { isKnown: Promise<boolean> }).isKnown;

/** Of an output that is known; of another one it never comes. */
export const valueOf = <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value as pulumi.Unwrap<T>)));

/** The name of the first part that is not known yet. */
export async function firstUnknown(parts: Record<string, unknown>): Promise<string> {
  for (const [name, part] of Object.entries(parts)) if (!(await isKnown(pulumi.output(part)))) return name;
  return "something";
}
