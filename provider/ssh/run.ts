import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { Conversation, Run, RunResult } from "./conversation";
import { Endpoint } from "./endpoint";
import { ConnectionPool } from "./pool";
import { reader } from "./script";
import { sudo } from "./sudo";

/** We give up first and say why; the host cleans up after that. */
const hostsGraceMs = 500;

export async function run(pool: ConnectionPool, endpoint: Endpoint, what: Run): Promise<RunResult> {
  what.signal?.throwIfAborted();
  // One signal may well stop hundreds of commands.
  if (what.signal) setMaxListeners(0, what.signal);
  const token = randomBytes(9).toString("hex");
  const words = { prompt: `password-${token}`, opened: `root-${token}` };
  const needsSudo = what.asRoot && endpoint.user !== "root";
  const timeoutMs = what.timeoutMs === undefined ? undefined : what.timeoutMs + hostsGraceMs;
  const command = needsSudo
    ? sudo(reader(what.script, { announcement: words.opened, timeoutMs }), what.sudoPassword, words)
    : reader(what.script, { timeoutMs });
  const { connection, channel } = await start(pool, endpoint, command, what.signal);
  return new Promise((resolve, reject) => {
    new Conversation(connection, channel, what, resolve, reject).begin(needsSudo ? words : undefined);
  });
}

/** A connection may have died unnoticed since it was last used. Nothing has run yet, so a fresh one may try again. */
async function start(pool: ConnectionPool, endpoint: Endpoint, command: string, signal?: AbortSignal) {
  for (let isRetry = false; ; isRetry = true) {
    const connection = await orAborted(pool.get(endpoint), signal);
    try {
      return { connection, channel: await connection.session(command, signal) };
    } catch (error) {
      if (isRetry || connection.isOpen || signal?.aborted) throw error;
    }
  }
}

export function orAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
