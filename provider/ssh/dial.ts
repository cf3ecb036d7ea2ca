import type { Socket } from "node:net";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { orAborted } from "./abort";
import { Attempt } from "./attempt";
import { Authentication } from "./authentication";
import { dialError } from "./dial-errors";
import type { DialLimits } from "./dial-limits";
import type { Endpoint } from "./endpoint";
import { SshError, TransientDialError } from "./errors";
import type { HostKeyCheck } from "./host-keys";
import { hostKeyCheck } from "./host-keys";
import { awaitVersionLine } from "./identification";
import { logIn } from "./log-in";
import { Patience } from "./patience";

export interface Dialed {
  client: Client;
  stream: Duplex;
}

/** Opens the byte stream to a server: a socket, or a channel of a jump host. What is opened after the signal is closed again. */
export type OpenStream = (signal: AbortSignal) => Promise<Duplex>;

/** Dials until it succeeds, until an error is final, or until the patience that the endpoint allows is used up. */
export async function dialRepeatedly<T>(endpoint: Endpoint, attempt: (patience: Patience) => Promise<T>): Promise<T> {
  const patience = new Patience(endpoint);
  for (let failures = 1; ; failures++) {
    try {
      return await attempt(patience);
    } catch (error) {
      if (!(error instanceof TransientDialError)) throw error;
      if (!(await patience.waitAfter(error, failures))) throw final(error, failures);
    }
  }
}

/**
 * Connects and logs in once. A server shows one of its host keys at a time, so if only a fingerprint is known, the other keys are
 * requested before the server is refused.
 */
export async function dial(
  endpoint: Endpoint,
  open: OpenStream,
  limits: DialLimits,
  patience: Patience,
): Promise<Dialed> {
  const hostKeys = hostKeyCheck(endpoint);
  for (let refusal: SshError | undefined; ; ) {
    try {
      return await dialOnce(endpoint, open, hostKeys, limits, patience);
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

async function dialOnce(
  endpoint: Endpoint,
  open: OpenStream,
  hostKeys: HostKeyCheck,
  limits: DialLimits,
  patience: Patience,
): Promise<Dialed> {
  const authentication = new Authentication(endpoint);
  const attempt = new Attempt(endpoint, patience.attemptMs);
  let leave: (() => void) | undefined;
  try {
    attempt.enter("connect");
    const stream = await open(attempt.signal);
    attempt.enter("handshake");
    await awaitVersionLine(stream, (text) => (attempt.greeting = text), attempt.signal);
    attempt.pause();
    leave = await limits.login();
    attempt.enter("handshake");
    return { stream, client: await logIn(endpoint, stream, authentication, hostKeys, attempt) };
  } catch (error) {
    throw dialError(endpoint, error as Error, attempt, authentication);
  } finally {
    leave?.();
    attempt.pause();
    patience.spend(attempt.spentMs);
  }
}

/** Connects. A socket that is given up is destroyed, since it would keep the process alive until the kernel gives up too. */
export function openSocket({ host, port }: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const abort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", reject).once("connect", () => {
      signal.removeEventListener("abort", abort);
      resolve(socket.off("error", reject));
    });
  });
}

/** Opens a stream by a function that cannot be stopped, and closes it again if it is opened after the signal. */
export function openInTime(opening: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  const close = () =>
    opening.then(
      (stream) => stream.destroy(),
      () => undefined,
    );
  signal.addEventListener("abort", close, { once: true });
  return orAborted(opening, signal).finally(() => {
    if (!signal.aborted) signal.removeEventListener("abort", close);
  });
}

/** Returns an error that is not transient, so that a connection through this one does not dial again. */
function final({ kind, details }: SshError, attempts: number): SshError {
  return new SshError(kind, attempts > 1 ? { ...details, cause: `${details.cause} (${attempts} attempts)` } : details);
}
