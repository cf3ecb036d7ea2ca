import { z } from "zod";

const name = (what: string) =>
  z
    .string()
    .min(1)
    .regex(/^[^\s\x00-\x1f\x7f-\x9f]+$/, `${what} must not contain blanks or control characters`);

const login = {
  host: name("a host name or address")
    .regex(/^[^-]/, "a host name does not start with -")
    .describe("Name or address of the machine."),
  port: z.number().int().min(1).max(65535).optional().describe("Port of its ssh server. Default: 22."),
  user: name("a user name").optional().describe("Login name; everyone but root needs sudo rights. Default: root."),
  password: z.string().min(1).optional().describe("Login password, tried after keys and agent."),
  privateKey: z.string().min(1).optional().describe("Text of a private key. privateKeyPath keeps it out of the state."),
  privateKeyPath: z
    .string()
    .min(1)
    .optional()
    .describe("File with a private key; ~ is the home directory of whoever runs Pulumi."),
  privateKeyPassword: z.string().min(1).optional().describe("Passphrase of the private key."),
  agentSocketPath: z.string().min(1).optional().describe("Socket of an ssh agent. Default: $SSH_AUTH_SOCK."),
  hostKey: z
    .string()
    .min(1)
    .optional()
    .describe("The one host key to accept: a public key line, or its fingerprint (SHA256:...)."),
  knownHosts: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where host keys are looked up: a known_hosts file, or the text of one; accept-new to remember the key of a host " +
        "that ~/.ssh/known_hosts does not know yet; off to check nothing. Default: ~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts.",
    ),
  dialErrorLimit: z
    .number()
    .int()
    .min(-1)
    .optional()
    .describe("Failed attempts to connect after which one more failure is final; -1: never give up. Default: 3."),
  perDialTimeout: z
    .number()
    .min(0)
    .optional()
    .describe("Seconds for one attempt to connect and log in; 0: no limit. Default: 15."),
};

type Login = z.infer<z.ZodObject<typeof login>>;

type Alternatives = Partial<Record<"privateKey" | "privateKeyPath" | "hostKey" | "knownHosts", unknown>>;

/** Of what excludes one another. */
export function rejectExclusive(connection: Alternatives, context: z.RefinementCtx): void {
  const refuse = (path: keyof Alternatives, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if (connection.privateKey !== undefined && connection.privateKeyPath !== undefined) {
    refuse("privateKeyPath", "privateKey is set too: keep only one of them");
  }
  if (connection.hostKey !== undefined && connection.knownHosts !== undefined) {
    refuse("knownHosts", "hostKey is set too, and is the only key to accept: keep only one of them");
  }
}

export interface ProxyConnection extends Login {
  proxy?: ProxyConnection;
}

const proxyConnection: z.ZodType<ProxyConnection, ProxyConnection> = z
  .strictObject({
    ...login,
    get proxy() {
      return proxyConnection.optional().describe("The jump host before this one.");
    },
  })
  .superRefine(rejectExclusive);

/**
 * How to reach and log in to a machine: what `remote.ConnectionArgs` of @pulumi/command has, so that one object serves
 * both packages, and privateKeyPath, knownHosts, sudo, and jump hosts behind jump hosts.
 */
export const connection = z
  .strictObject({
    ...login,
    proxy: proxyConnection
      .optional()
      .describe("Jump host through which the machine is reached, with a login of its own."),
    sudo: z
      .strictObject({
        password: z
          .string()
          .min(1)
          .optional()
          .describe("What sudo asks this user for. Default: sudo asks for nothing."),
      })
      .optional()
      .describe("How a user who is not root becomes root. Default: sudo without a password."),
  })
  .superRefine(rejectExclusive);

export type Connection = z.infer<typeof connection>;

/** The properties, at whatever depth, that state, logs and messages may never show in clear. */
export const secretProperties: ReadonlySet<string> = new Set(["password", "privateKey", "privateKeyPassword"]);
