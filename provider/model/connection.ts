import { z } from "zod";

import { equivalences } from "./comparable";

import { hostMistake } from "./host-address";

const name = (what: string) =>
  z
    .string()
    .min(1)
    .regex(/^[^\s\x00-\x1f\x7f-\x9f]+$/, {
      error: `${what} must not contain blanks or control characters`,
      abort: true,
    });

const login = {
  host: name("a host name or address")
    .regex(/^[^-]/, "a host name does not start with -")
    .superRefine((host, context) => {
      const message = hostMistake(host);
      if (message) context.addIssue({ code: "custom", message });
    })
    .describe("Name or address of the host; IPv6 also in brackets, or with a zone (fe80::1%eth0)."),
  port: z
    .number()
    .int()
    .min(1)
    .max(65535)
    .optional()
    .register(equivalences, { absentMeans: 22 })
    .describe("Port of its ssh server. Default: 22."),
  user: name("a user name")
    .regex(/^[^:]*$/, "a user name has no colon; set a password as password")
    .optional()
    .register(equivalences, { absentMeans: "root" })
    .describe("Login name; users other than root need sudo rights. Default: root."),
  password: z.string().min(1).optional().describe("Login password, tried after keys and agent."),
  privateKey: z.string().min(1).optional().describe("Text of a private key. privateKeyPath keeps it out of the state."),
  privateKeyPath: z
    .string()
    .min(1)
    .regex(/^(?!.*PRIVATE KEY)[^\n]*$/, "this is the text of a key: set it as privateKey")
    .optional()
    .describe("File with a private key; ~ is the home directory of the user who runs Pulumi."),
  privateKeyPassword: z.string().min(1).optional().describe("Passphrase of the private key."),
  agentSocketPath: z.string().min(1).optional().describe("Socket of an ssh agent. Default: $SSH_AUTH_SOCK."),
  hostKey: z
    .string()
    .min(1)
    .optional()
    .describe("The only host key to accept: a public key line, or its fingerprint (SHA256:...)."),
  knownHosts: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Source of trusted host keys: a known_hosts file, or the text of one; accept-new: store the key of a host " +
        "that is not in ~/.ssh/known_hosts yet; off: do not verify. Default: ~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts.",
    ),
  dialErrorLimit: z
    .number()
    .int()
    .min(-1)
    .optional()
    .register(equivalences, { absentMeans: 3 })
    .describe("Number of retries after a failed connection attempt; -1: no limit. Default: 3."),
  perDialTimeout: z
    .number()
    .min(0)
    .optional()
    .register(equivalences, { absentMeans: 15 })
    .describe("Seconds for one attempt to connect and log in; 0: no limit. Default: 15."),
};

type Login = z.infer<z.ZodObject<typeof login>>;

type Alternatives = Partial<Record<"privateKey" | "privateKeyPath" | "hostKey" | "knownHosts", unknown>>;

/** Rejects options that exclude each other. */
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

export const proxyConnection: z.ZodType<ProxyConnection, ProxyConnection> = z
  .strictObject({
    ...login,
    get proxy() {
      return proxyConnection.optional().describe("The jump host before this one.");
    },
  })
  .superRefine(rejectExclusive);

/**
 * How to reach a host and log in: all of `remote.ConnectionArgs` of @pulumi/command, so that one object serves both
 * packages, plus privateKeyPath, knownHosts, sudo, and chains of jump hosts.
 */
export const connection = z
  .strictObject({
    ...login,
    proxy: proxyConnection.optional().describe("Jump host through which the host is reached, with its own login."),
    sudo: z
      .strictObject({
        password: z.string().min(1).optional().describe("Password that sudo asks this user for. Default: none."),
      })
      .optional()
      .register(equivalences, { absentMeans: {} })
      .describe("How a user other than root becomes root. Default: sudo without a password."),
    readOnly: z
      .boolean()
      .optional()
      .describe("This login only looks: nothing is changed through it, and it need not become root. Default: false."),
  })
  .superRefine(rejectExclusive);

export type Connection = z.infer<typeof connection>;

/** Properties, at any depth, that state, logs and messages must never show in clear text. */
export const secretProperties: ReadonlySet<string> = new Set(["password", "privateKey", "privateKeyPassword"]);
