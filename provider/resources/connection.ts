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
   * Login name. Everyone but root needs sudo rights.
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
   * Text of a private key. Kept secret; privateKeyPath keeps it out of the state altogether.
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
   * @default what knownHosts says
   * @example "SHA256:uNiVztksCsDhcc0u9e8BrJXpMrOqbzqKzsJ6jFVZaYQ"
   */
  hostKey?: pulumi.Input<string>;
  /**
   * Where host keys are looked up: a known_hosts file, or the text of one; `accept-new` to remember the key of a host that
   * ~/.ssh/known_hosts does not know yet; `off` to check nothing.
   *
   * @default ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts
   */
  knownHosts?: pulumi.Input<string>;
  /**
   * Failed attempts to connect after which one more failure is final; -1: never give up.
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
   * Jump host through which the machine is reached, with a login of its own.
   *
   * @default none
   */
  proxy?: pulumi.Input<ProxyConnectionArgs>;
}

/** How to reach and log in to a jump host; there may be one before it. */
export interface ProxyConnectionArgs extends LoginArgs {}

/** How a user who is not root becomes root. */
export interface SudoArgs {
  /**
   * What sudo asks this user for. Kept secret.
   *
   * @default sudo asks for nothing
   */
  password?: pulumi.Input<string>;
}

/**
 * How to reach and log in to a machine. An object that serves `remote.Command` of @pulumi/command serves here too.
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
}

/** With passwords and keys marked secret, at whatever depth: what is not marked would stand in the state in clear. */
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
