import type { Authentication } from "./authentication";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";

/** The phase that an attempt reached. */
export type Phase = "connect" | "handshake" | "login";

/** An error after which the next attempt may succeed. */
export class TransientDialError extends SshError {}

export function dialError(endpoint: Endpoint, error: Error, phase: Phase, authentication: Authentication): Error {
  if (error instanceof SshError) return error;
  const { code, level, reason } = error as Error & { code?: string | number; level?: string; reason?: number };
  if (level === "client-authentication") return authentication.loginRefusedError();

  const host = endpoint.via ? `${endpoint.name} (through ${endpoint.via.name})` : endpoint.name;
  const unreachable = (Kind: typeof SshError, cause: string, hint: string) =>
    new Kind("unreachable", { action: "reach sshd", host, cause, hint });

  const network = typeof code === "string" ? networkErrors[code] : undefined;
  if (network) return unreachable(network.transient ? TransientDialError : SshError, network.seen, network.next);

  // Reasons of a jump host that does not forward (RFC 4254, 5.1).
  if (reason === 1) {
    return unreachable(
      SshError,
      "the jump host forbids the forwarding",
      "Allow it there: AllowTcpForwarding and PermitOpen in sshd_config.",
    );
  }
  if (reason === 2)
    return unreachable(TransientDialError, `the jump host cannot connect (${error.message})`, checkServer);

  if (phase === "login" && /too many authentication failures/i.test(error.message)) return tooManyKeys(authentication);
  if (/no matching|handshake failed|unsupported|invalid/i.test(error.message)) {
    return unreachable(
      SshError,
      `the server and this client have no ssh protocol or algorithm in common (${error.message})`,
      "Check host and port.",
    );
  }
  const seen = {
    connect: error.message,
    handshake: `connected, but then: ${error.message}`,
    login: `connected, but during the login: ${error.message}`,
  }[phase];
  // sshd drops connections at random when too many are not logged in yet.
  const next =
    phase === "handshake"
      ? "Check whether sshd is overloaded (MaxStartups in sshd_config), and whether a firewall interrupts connections."
      : checkServer;
  return unreachable(TransientDialError, seen, next);
}

const checkServer = "Check that the machine is up and its sshd listens there.";

const networkErrors: Record<string, { seen: string; next: string; transient: boolean }> = {
  ECONNREFUSED: { seen: "connection refused", next: checkServer, transient: true },
  ECONNRESET: { seen: "connection reset", next: checkServer, transient: true },
  ETIMEDOUT: {
    seen: "no answer",
    next: "Check that the machine is up and no firewall drops the packets.",
    transient: true,
  },
  EHOSTUNREACH: {
    seen: "no route to host",
    next: "Check that the machine is up and its network is reachable from here.",
    transient: true,
  },
  ENETUNREACH: { seen: "network unreachable", next: "Check that its network is reachable from here.", transient: true },
  ENOTFOUND: {
    seen: "unknown host name",
    next: "Check the spelling of host, and the name servers here.",
    transient: false,
  },
  EAI_AGAIN: { seen: "the name server does not answer", next: "Check the name servers here.", transient: true },
};

function tooManyKeys(authentication: Authentication): SshError {
  const { details } = authentication.loginRefusedError();
  const hint = "The server ends the login after MaxAuthTries keys: set the right one with privateKeyPath.";
  return new SshError("login", { ...details, cause: `too many authentication failures: ${details.cause}`, hint });
}
