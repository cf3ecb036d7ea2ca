import type { Socket } from "node:net";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerHostKeyAlgorithm } from "ssh2";
import { Client } from "ssh2";
import { orAborted } from "./abort";
import { Authentication } from "./authentication";
import type { Phase } from "./dial-errors";
import { dialError, TransientDialError } from "./dial-errors";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";
import type { HostKeyCheck } from "./host-keys";
import { hostKeyCheck } from "./host-keys";

export interface Dialed {
  client: Client;
  stream: Duplex;
}

/**
 * Connects and logs in once. `open` returns the byte stream to the server: a socket, or a channel of a jump host. A server shows one of
 * its host keys at a time, so if only a fingerprint is known, the other keys are requested before the server is refused.
 */
export async function dial(endpoint: Endpoint, open: () => Promise<Duplex>): Promise<Dialed> {
  const hostKeys = hostKeyCheck(endpoint);
  for (let refusal: SshError | undefined; ; ) {
    try {
      return await dialOnce(endpoint, open, hostKeys);
    } catch (error) {
      if (!(error instanceof SshError)) throw error;
      if (refusal && hasNoFurtherKey(error)) throw refusal;
      if (error.kind !== "hostKey" || !hostKeys.refused) throw error;
      refusal = error;
    }
  }
}

/** Returns whether the server has no host key other than those that were refused. */
const hasNoFurtherKey = (error: SshError): boolean =>
  error.kind === "unreachable" && !(error instanceof TransientDialError);

async function dialOnce(endpoint: Endpoint, open: () => Promise<Duplex>, hostKeys: HostKeyCheck): Promise<Dialed> {
  const authentication = new Authentication(endpoint);
  const attempt: Attempt = { phase: "connect", end: new AbortController() };
  const timer =
    endpoint.dialTimeoutMs > 0
      ? setTimeout(() => attempt.end.abort(new DialTimeout(endpoint.dialTimeoutMs)), endpoint.dialTimeoutMs)
      : undefined;
  try {
    const stream = await openInTime(open, attempt.end.signal);
    return { stream, client: await logIn(endpoint, stream, authentication, hostKeys, attempt) };
  } catch (error) {
    throw dialError(endpoint, error as Error, attempt.phase, authentication);
  } finally {
    clearTimeout(timer);
  }
}

interface Attempt {
  phase: Phase;
  end: AbortController;
}

class DialTimeout extends Error {
  constructor(readonly ms: number) {
    super(`no answer within ${ms / 1000} s`);
  }
}

export function openSocket(endpoint: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
    socket.once("connect", () => resolve(socket.off("error", reject))).once("error", reject);
  });
}

/** Opens a stream, and closes it again if it is opened after the signal. */
function openInTime(open: () => Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  const opening = open();
  signal.addEventListener(
    "abort",
    () =>
      opening.then(
        (stream) => stream.destroy(),
        () => undefined,
      ),
    { once: true },
  );
  return orAborted(opening, signal);
}

function logIn(
  endpoint: Endpoint,
  stream: Duplex,
  authentication: Authentication,
  hostKeys: HostKeyCheck,
  attempt: Attempt,
): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    const fail = (error: Error) => {
      reject(error);
      stream.destroy();
    };
    attempt.phase = "handshake";
    attempt.end.signal.addEventListener("abort", () => fail(attempt.end.signal.reason), { once: true });
    client
      .on("handshake", () => (attempt.phase = "login"))
      .on("error", (error: Error & { level?: string }) => {
        // Without the agent the other methods remain.
        if (error.level === "agent") authentication.agentFailed(error.message);
        else fail(error);
      })
      .once("close", () => fail(new Error("the server closed the connection")))
      .once("ready", () => resolve(client));
    client.connect({
      sock: stream,
      username: endpoint.user,
      readyTimeout: 0,
      authHandler: authentication.next,
      algorithms: hostKeyAlgorithms(hostKeys),
      hostVerifier: (key: Buffer) => {
        const objection = hostKeys.rejection(key);
        if (objection) fail(objection);
        return objection === undefined;
      },
    });
  });
}

const everyHostKeyAlgorithm: readonly string[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
];

function hostKeyAlgorithms({ preferred, refused = [] }: HostKeyCheck): { serverHostKey: ServerHostKeyAlgorithm[] } {
  const first = preferred.filter((algorithm) => everyHostKeyAlgorithm.includes(algorithm));
  const others = everyHostKeyAlgorithm.filter((algorithm) => !refused.includes(algorithm));
  return { serverHostKey: [...new Set([...first, ...others])] as ServerHostKeyAlgorithm[] };
}

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/** Dials until it succeeds, until an error is final, or until more than `dialErrorLimit` attempts failed. */
export async function dialRepeatedly<T>(endpoint: Endpoint, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransientDialError)) throw error;
      const isLast = endpoint.dialErrorLimit >= 0 && failures > endpoint.dialErrorLimit;
      if (isLast) throw final(error, failures);
      // Random, so that many resources that wait for one host do not dial at the same moment.
      await delay(Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs) * (0.5 + Math.random() / 2));
    }
  }
}

/** Returns an error that is not transient, so that a connection through this one does not dial again. */
function final({ kind, details }: SshError, attempts: number): SshError {
  return new SshError(kind, attempts > 1 ? { ...details, cause: `${details.cause} (${attempts} attempts)` } : details);
}
