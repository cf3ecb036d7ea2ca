import { z } from "zod";

const refusal = "a secret does not stand in this file: refer to it by {env: NAME}, {file: PATH} or {config: KEY}";

const reference = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: ({ code }) => (code === "invalid_type" ? refusal : undefined) });

const variable = z.string().regex(/^[A-Za-z_]\w*$/, "it is no name of an environment variable")
  .describe("Name of an environment variable of whoever runs this.");

const file = z.string().min(1)
  .describe("File that holds nothing else; its path is relative to the fleet file's folder, ~ is the home directory.");

const key = z.string().regex(/^[\w.-]+(:[\w.-]+)?$/, "it is no key of a stack's configuration")
  .describe("Key in the configuration of the Pulumi stack, set by pulumi config set --secret.");

/** Where a secret is kept. It is looked up when it is needed, and never shown. */
export const SecretReference = z
  .union([reference({ env: variable }), reference({ file }), reference({ config: key })])
  .meta({ id: "secret" });
export type SecretReference = z.infer<typeof SecretReference>;
