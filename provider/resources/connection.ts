import * as pulumi from "@pulumi/pulumi";
import { secretProperties } from "../model/connection";

interface LoginArgs {
  /**
   * Name or address of the machine.
   *
   * @example "gpu01.example"
   */
  host: pulumi.Input<string>;
  /**
   * Port of its ssh server.
   *
   * @default 22
   */
  port?: pulumi.Input<number>;
  /**
   * Login name. Any user but root needs sudo rights.
   *
   * @default "root"
   */
  user?: pulumi.Input<string>;
  /**
   * Login password, tried after keys and agent. Kept secret.
   *
   * @default none
   */
  password?: pulumi.Input<string>;
  /**
   * Text of a private key. Kept secret; privateKeyPath keeps it out of the state.
   *
   * @default none
   */
  privateKey?: pulumi.Input<string>;
  /**
   * File with a private key, on the machine that runs Pulumi.
   *
   * @default none
   * @example "~/.ssh/id_ed25519"
   */
  privateKeyPath?: pulumi.Input<string>;
  /**
   * Passphrase of the private key. Kept secret.
   *
   * @default none
   */
  privateKeyPassword?: pulumi.Input<string>;
  /**
   * Socket of an ssh agent.
   *
   * @default $SSH_AUTH_SOCK
   */
  agentSocketPath?: pulumi.Input<string>;
  /**
   * The one host key to accept: a public key line, or its fingerprint.
   *
   * @default the keys of knownHosts
   * @example "SHA256:uNiVztksCsDhcc0u9e8BrJXpMrOqbzqKzsJ6jFVZaYQ"
   */
  hostKey?: pulumi.Input<string>;
  /**
   * Trusted host keys: a known_hosts file, or the text of one; `accept-new` to add the key of a host that is not in
   * ~/.ssh/known_hosts yet; `off` to verify nothing. SSH certificates are not supported; using one gives a clear error.
   *
   * @default ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts
   */
  knownHosts?: pulumi.Input<string>;
  /**
   * Number of failed attempts to connect that are retried; -1: retry without end.
   *
   * @default 3
   */
  dialErrorLimit?: pulumi.Input<number>;
  /**
   * Seconds for one attempt to connect and log in; 0: no limit.
   *
   * @default 15
   */
  perDialTimeout?: pulumi.Input<number>;
  /**
   * Jump host through which the machine is reached, with its own login.
   *
   * @default none
   */
  proxy?: pulumi.Input<ProxyConnectionArgs>;
}

/** How to reach and log in to a jump host. It can have a jump host itself. */
export interface ProxyConnectionArgs extends LoginArgs {}

/** How a user who is not root becomes root. */
export interface SudoArgs {
  /**
   * Password that sudo asks this user for. Kept secret.
   *
   * @default none: sudo needs no password
   */
  password?: pulumi.Input<string>;
}

/**
 * How to reach and log in to a machine. Accepts the connection of a `remote.Command` of @pulumi/command, but verifies host keys
 * and makes fewer attempts.
 *
 * @example { host: "gpu01.example", user: "ops", privateKeyPath: "~/.ssh/id_ed25519" }
 */
export interface ConnectionArgs extends LoginArgs {
  /**
   * How a user who is not root becomes root.
   *
   * @default sudo without a password
   */
  sudo?: pulumi.Input<SudoArgs>;
  /**
   * This login only looks: nothing is changed through it, and it need not become root. What only root can read is unknown, unless
   * the host has the probe that docs/ci.md describes. A change of it alone is no difference.
   *
   * @default false
   */
  readOnly?: pulumi.Input<boolean>;
}

/** Marks passwords and keys as secret, at any depth. Otherwise they would be in plain text in the state. */
export function markSecrets<T>(value: pulumi.Input<T>): pulumi.Input<T> {
  if (pulumi.Output.isInstance(value) || value instanceof Promise)
    return pulumi.output(value).apply((known) => markSecrets(known) as T);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [
    key,
    secretProperties.has(key) && part !== undefined && part !== null
      ? pulumi.secret(part as unknown)
      : markSecrets(part as unknown),
  ]);
  return Object.fromEntries(entries) as T;
}
