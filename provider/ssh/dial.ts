import { connect, Socket } from "node:net";
import { Duplex } from "node:stream";
import { Client, ServerHostKeyAlgorithm } from "ssh2";
import { Authentication } from "./authentication";
import { explainDial, Phase } from "./dial-errors";
import { Endpoint } from "./endpoint";
import { HostKeyCheck, hostKeyCheck } from "./host-keys";

export interface Dialed {
  client: Client;
  stream: Duplex;
}

/** One attempt to connect and log in. `open` gives the byte stream to the server: a socket, or a jump host's channel. */
export async function dial(endpoint: Endpoint, open: () => Promise<Duplex>): Promise<Dialed> {
  const authentication = new Authentication(endpoint);
  const hostKeys = hostKeyCheck(endpoint);
  const attempt: Attempt = { phase: "connect", end: new AbortController() };
  const timer = endpoint.dialTimeoutMs > 0
    ? setTimeout(() => attempt.end.abort(new DialTimeout(endpoint.dialTimeoutMs)), endpoint.dialTimeoutMs)
    : undefined;
  try {
    const stream = await orAborted(open(), attempt.end.signal);
    return { stream, client: await logIn(endpoint, stream, authentication, hostKeys, attempt) };
  } catch (error) {
    throw explainDial(endpoint, error as Error, attempt.phase, authentication);
  } finally {
    clearTimeout(timer);
  }
}

interface Attempt {
  phase: Phase;
  end: AbortController;
}

export class DialTimeout extends Error {
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

/** A stream that comes too late is closed again. */
function orAborted(opening: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason);
      opening.then((stream) => stream.destroy(), () => undefined);
    }, { once: true });
    opening.then(resolve, reject);
  });
}

function logIn(
  endpoint: Endpoint, stream: Duplex, authentication: Authentication, hostKeys: HostKeyCheck, attempt: Attempt,
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
        // An agent that does not answer is only one method less.
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
      algorithms: hostKeyAlgorithms(hostKeys.preferred),
      hostVerifier: (key: Buffer) => {
        const objection = hostKeys.objection(key);
        if (objection) fail(objection);
        return objection === undefined;
      },
    });
  });
}

const everyHostKeyAlgorithm: readonly string[] = [
  "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa",
];

function hostKeyAlgorithms(preferred: readonly string[]): { serverHostKey: ServerHostKeyAlgorithm[] } {
  const first = preferred.filter((algorithm) => everyHostKeyAlgorithm.includes(algorithm));
  return { serverHostKey: [...new Set([...first, ...everyHostKeyAlgorithm])] as ServerHostKeyAlgorithm[] };
}
