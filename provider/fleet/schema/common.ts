import { z } from "zod";
import { isUserError } from "../../model/errors";
import { expand } from "../ranges";

const hostName = /^([A-Za-z0-9]([\w.-]*\w)?|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$/;

const notOne = "it is no host name or address; a port goes into connection.port";

/** What a host is called in the file, and its address where the file gives no other. */
export const HostName = z.string().regex(hostName, notOne);

/** `gpu[01-40].rack2.example`: one host or many. */
export const HostPattern = z.string().superRefine((pattern, context) => {
  const refuse = (message: string) => context.addIssue({ code: "custom", message });
  try {
    const [first] = expand(pattern);
    if (!hostName.test(first!)) refuse(notOne);
  } catch (error) {
    if (!isUserError(error)) throw error;
    refuse(error.details.cause);
  }
});

const refusal = "a secret does not stand in this file: refer to it by {env: NAME}, {file: PATH} or {config: KEY}";

const reference = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: ({ code }) => (code === "invalid_type" ? refusal : undefined) });

const variable = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, "it is no name of an environment variable")
  .describe("Name of an environment variable of whoever runs this.");

const file = z
  .string()
  .min(1)
  .describe("File that holds nothing else; its path is relative to the fleet file's folder, ~ is the home directory.");

const key = z
  .string()
  .regex(/^[\w.-]+(:[\w.-]+)?$/, "it is no key of a stack's configuration")
  .describe("Key in the configuration of the Pulumi stack, set by pulumi config set --secret.");

/** Where a secret is kept. It is looked up when it is needed, and never shown. */
export const SecretReference = z
  .union([reference({ env: variable }), reference({ file }), reference({ config: key })])
  .meta({ id: "secret" });
export type SecretReference = z.infer<typeof SecretReference>;
