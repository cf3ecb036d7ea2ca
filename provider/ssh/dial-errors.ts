import type { Authentication } from "./authentication";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";

/** How far an attempt came. */
export type Phase = "connect" | "handshake" | "login";

/** The next attempt may well succeed. */
export class TransientDialError extends SshError {}

export function explainDial(endpoint: Endpoint, error: Error, phase: Phase, authentication: Authentication): Error {
  if (error instanceof SshError) return error;
  const { code, level, reason } = error as Error & { code?: string | number; level?: string; reason?: number };
  if (level === "client-authentication") return authentication.refused();

  const host = endpoint.via ? `${endpoint.name} (through ${endpoint.via.name})` : endpoint.name;
  const unreachable = (Kind: typeof SshError, cause: string, hint: string) =>
    new Kind("unreachable", { action: "reach sshd", host, cause, hint });

  const network = typeof code === "string" ? networkErrors[code] : undefined;
  if (network) return unreachable(network.transient ? TransientDialError : SshError, network.seen, network.next);

  // Why a jump host does not forward (RFC 4254, 5.1).
  if (reason === 1) {
    return unreachable(
      SshError,
      "the jump host forbids it",
      "Allow it there: AllowTcpForwarding and PermitOpen in sshd_config.",
    );
  }
  if (reason === 2)
    return unreachable(TransientDialError, `the jump host gets no connection (${error.message})`, checkServer);

  if (phase === "login" && /too many authentication failures/i.test(error.message)) return tooManyKeys(authentication);
  if (/no matching|handshake failed|unsupported|invalid/i.test(error.message)) {
    return unreachable(
      SshError,
      `what answers there does not agree on the ssh protocol (${error.message})`,
      "Check host and port.",
    );
  }
  const seen = {
    connect: error.message,
    handshake: `connected, but then: ${error.message}`,
    login: `the server is there, but then during the login: ${error.message}`,
  }[phase];
  // sshd drops connections at random when too many are not logged in yet.
  const next =
    phase === "handshake" ? "Is sshd overloaded (MaxStartups in sshd_config), or does a firewall cut in?" : checkServer;
  return unreachable(TransientDialError, seen, next);
}

const checkServer = "Is the machine up, and does its sshd listen there?";

const networkErrors: Record<string, { seen: string; next: string; transient: boolean }> = {
  ECONNREFUSED: { seen: "connection refused", next: checkServer, transient: true },
  ECONNRESET: { seen: "connection reset", next: checkServer, transient: true },
  ETIMEDOUT: { seen: "no answer", next: "Is the machine up, and does no firewall drop the packets?", transient: true },
  EHOSTUNREACH: {
    seen: "no route to host",
    next: "Is the machine up, and its network reachable from here?",
    transient: true,
  },
  ENETUNREACH: { seen: "network unreachable", next: "Is its network reachable from here?", transient: true },
  ENOTFOUND: {
    seen: "unknown host name",
    next: "Check the spelling of host, and the name servers here.",
    transient: false,
  },
  EAI_AGAIN: { seen: "the name server does not answer", next: "Check the name servers here.", transient: true },
};

function tooManyKeys(authentication: Authentication): SshError {
  const { details } = authentication.refused();
  const hint = "The server ends the login after MaxAuthTries keys: name the right one with privateKeyPath.";
  return new SshError("login", { ...details, cause: `too many authentication failures: ${details.cause}`, hint });
}
