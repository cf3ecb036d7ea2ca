import { z } from "zod";
import { isUserError } from "../../model/errors";
import { parseHostAddress } from "../../model/host-address";
import { expand } from "../ranges";

const hostName = /^([A-Za-z0-9]([\w.-]*\w)?|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[\w.-]+)?)$/;

/** Returns what is wrong with the name of a host, or undefined. */
function nameMistake(name: string): string | undefined {
  if (hostName.test(name)) return undefined;
  if (name.startsWith("[") && parseHostAddress(name)) return "not a host name or address; write IPv6 without brackets";
  if (parseHostAddress(name)?.user !== undefined)
    return "not a host name or address; a user belongs in connection.user, a port in connection.port";
  return "not a host name or address; a port belongs in connection.port";
}

/** Name of a host in the file. Also its address, unless `connection.host` is given. */
export const HostName = z
  .string()
  .superRefine((name, context) => {
    const message = nameMistake(name);
    if (message) context.addIssue({ code: "custom", message });
  })
  .meta({ pattern: hostName.source });

/** One or more hosts: `gpu[01-40].rack2.example`. */
export const HostPattern = z.string().superRefine((pattern, context) => {
  const refuse = (message: string) => context.addIssue({ code: "custom", message });
  try {
    const [first] = expand(pattern);
    const mistake = nameMistake(first!);
    if (mistake) refuse(mistake);
  } catch (error) {
    if (!isUserError(error)) throw error;
    refuse(error.details.cause);
  }
});

const plainSecret = "plain-text secrets are not allowed here; use {env: NAME}, {file: PATH} or {config: KEY}";

const reference = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: ({ code }) => (code === "invalid_type" ? plainSecret : undefined) });

const variable = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, "not a name of an environment variable")
  .describe("Name of an environment variable on the machine that runs Pulumi or the CLI.");

const file = z
  .string()
  .min(1)
  .describe(
    "File that contains only the secret. Its path is relative to the folder of the fleet file; ~ is the home directory.",
  );

const key = z
  .string()
  .regex(/^[\w.-]+(:[\w.-]+)?$/, "not a key of a stack configuration")
  .describe("Key in the configuration of the Pulumi stack, set with pulumi config set --secret.");

/** Where a secret is. It is read when it is needed, and never shown. */
export const SecretReference = z
  .union([reference({ env: variable }), reference({ file }), reference({ config: key })])
  .meta({ id: "secret" });
export type SecretReference = z.infer<typeof SecretReference>;
