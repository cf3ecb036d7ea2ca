import { limitsHere } from "../model/errors";
import type { Attempt } from "./attempt";
import type { Authentication } from "./authentication";
import type { Endpoint } from "./endpoint";
import { SshError, TransientDialError } from "./errors";
import { greetingError } from "./greeting-errors";

export function dialError(endpoint: Endpoint, error: Error, attempt: Attempt, authentication: Authentication): Error {
  if (error instanceof SshError) return error;
  const { code, level, reason } = error as Error & { code?: string | number; level?: string; reason?: number };
  if (level === "client-authentication") return authentication.loginRefusedError();

  const host = endpoint.via ? `${endpoint.name} (through ${endpoint.via.name})` : endpoint.name;
  const transient = (cause: string, hint: string) =>
    new TransientDialError({ action: "reach sshd", host, cause, hint });
  const lasting = (cause: string, hint: string) =>
    new SshError("unreachable", { action: "reach sshd", host, cause, hint });

  const network = typeof code === "string" ? networkErrors[code] : undefined;
  if (network) return (network.transient ? transient : lasting)(network.cause, network.hint);

  // Reasons of a jump host that does not forward (RFC 4254, 5.1).
  if (reason === 1) {
    const hint = "Allow it there: AllowTcpForwarding and PermitOpen in sshd_config.";
    return lasting("the jump host forbids the forwarding", hint);
  }
  if (reason === 2) return transient(`the jump host cannot connect (${error.message})`, checkServer);

  const refused = greetingError(host, attempt.greeting);
  if (refused) return refused;

  if (attempt.phase === "login") {
    if (/too many authentication failures/i.test(error.message)) return tooManyKeys(authentication);
    const denied = authentication.denial(error.message);
    if (denied) return denied;
  }
  if (/no matching|handshake failed|unsupported|invalid/i.test(error.message)) {
    const cause = `the server and this client have no ssh protocol or algorithm in common (${error.message})`;
    return lasting(cause, "Check host and port.");
  }
  if (attempt.phase === "connect") return transient(error.message, networkErrors.ETIMEDOUT!.hint);
  if (attempt.phase === "login") return transient(`connected, but during the login: ${error.message}`, checkServer);
  // sshd drops connections at random when too many are not logged in yet.
  return transient(
    `connected, but then: ${error.message}`,
    "Check whether sshd is overloaded (MaxStartups in sshd_config), and whether a firewall interrupts connections.",
  );
}

const checkServer = "Check that the machine is up and its sshd listens there.";

const networkErrors: Record<string, { cause: string; hint: string; transient: boolean }> = {
  ECONNREFUSED: { cause: "connection refused", hint: checkServer, transient: true },
  ECONNRESET: { cause: "connection reset", hint: checkServer, transient: true },
  ETIMEDOUT: {
    cause: "no answer",
    hint: "Check that the machine is up and no firewall drops the packets.",
    transient: true,
  },
  EHOSTUNREACH: {
    cause: "no route to host",
    hint: "Check that the machine is up and its network is reachable from here.",
    transient: true,
  },
  ENETUNREACH: {
    cause: "network unreachable",
    hint: "Check that its network is reachable from here.",
    transient: true,
  },
  ENOTFOUND: {
    cause: "unknown host name",
    hint: "Check the spelling of host, and the name servers here.",
    transient: false,
  },
  EMFILE: { ...limitsHere.EMFILE, transient: true },
  ENFILE: { ...limitsHere.ENFILE, transient: true },
  EAI_AGAIN: { cause: "the name server does not answer", hint: "Check the name servers here.", transient: true },
};

function tooManyKeys(authentication: Authentication): SshError {
  const { details } = authentication.loginRefusedError();
  const hint = "The server ends the login after MaxAuthTries keys: set the right one with privateKeyPath.";
  return new SshError("login", { ...details, cause: `too many authentication failures: ${details.cause}`, hint });
}
