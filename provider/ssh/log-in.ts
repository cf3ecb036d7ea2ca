import type { Duplex } from "node:stream";
import type { ServerHostKeyAlgorithm } from "ssh2";
import { Client } from "ssh2";
import { noCommonAlgorithm, offered } from "./algorithms";
import type { Attempt } from "./attempt";
import type { Authentication } from "./authentication";
import type { Endpoint } from "./endpoint";
import type { HostKeyCheck } from "./host-keys";

/** Exchanges keys and logs in, on a stream from which the server's version line can be read. */
export function logIn(
  endpoint: Endpoint,
  stream: Duplex,
  authentication: Authentication,
  hostKeys: HostKeyCheck,
  attempt: Attempt,
): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let received = Buffer.alloc(0);
    const keep = (chunk: Buffer) => (received = Buffer.concat([received, chunk]));
    const fail = (error: Error) => {
      reject(noCommonAlgorithm(endpoint, error.message, received) ?? error);
      stream.destroy();
    };
    stream.on("data", keep);
    attempt.signal.addEventListener("abort", () => fail(attempt.signal.reason), { once: true });
    authentication.onUnanswerable = fail;
    client
      .on("handshake", () => {
        stream.off("data", keep);
        attempt.phase = "login";
      })
      .on("banner", (text) => authentication.heard(text))
      .on("change password", (prompt) => fail(authentication.passwordExpired(prompt)))
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

function hostKeyAlgorithms({ preferred, refused = [] }: HostKeyCheck): { serverHostKey: ServerHostKeyAlgorithm[] } {
  const all: readonly string[] = offered.hostKey;
  const first = preferred.filter((algorithm) => all.includes(algorithm));
  const others = all.filter((algorithm) => !refused.includes(algorithm));
  return { serverHostKey: [...new Set([...first, ...others])] as ServerHostKeyAlgorithm[] };
}
