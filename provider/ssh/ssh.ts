import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Connection } from "../model/connection";
import type { Run, RunResult } from "./command-execution";
import { CommandExecution } from "./command-execution";
import type { Endpoint } from "./endpoint";
import { endpoint } from "./endpoint";
import type { StreamName } from "./output";
import type { ConnectionPool } from "./pool";
import { sharedPool } from "./pool";
import { scriptOf, stdinScriptCommand, wrapScript } from "./script";
import { sudo } from "./sudo";

/** We give up first and say why; the host cleans up after that. */
const remoteGraceMs = 500;

export async function run(pool: ConnectionPool, endpoint: Endpoint, what: Run): Promise<RunResult> {
  what.signal?.throwIfAborted();
  // One signal may well stop hundreds of commands.
  if (what.signal) setMaxListeners(0, what.signal);
  const token = randomBytes(9).toString("hex");
  const words = { prompt: `password-${token}`, opened: `root-${token}` };
  const needsSudo = what.asRoot && endpoint.user !== "root";
  const timeoutMs = what.timeoutMs === undefined ? undefined : what.timeoutMs + remoteGraceMs;
  const command = needsSudo
    ? sudo(stdinScriptCommand(what.script, { announcement: words.opened, timeoutMs }), what.sudoPassword, words)
    : stdinScriptCommand(what.script, { timeoutMs });
  const { connection, channel } = await start(pool, endpoint, command, what.signal);
  return new Promise((resolve, reject) => {
    new CommandExecution(connection, channel, what, resolve, reject).begin(needsSudo ? words : undefined);
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

export interface RunOptions {
  /** For messages, after "could not": "read the state of the host". Default: "run a command". */
  what?: string;
  /** What the command finds on its stdin; secrets go this way, where neither `ps` nor a log shows them. */
  input?: string | Buffer | AsyncIterable<Buffer>;
  /** Default: root. */
  as?: "root" | "login";
  /** Called as the lines come. */
  onLine?: (line: string, stream: StreamName) => void;
  /** For each of stdout and stderr. Default: 32 MiB. */
  maxBytes?: number;
  /** From the moment the host accepts the command. Default: no limit. */
  timeoutSeconds?: number;
  /** After so long without a byte that came from it or went to it. Default: no limit. */
  silenceSeconds?: number;
  /** Called about once a second while nothing comes or goes, with the seconds since then. */
  onSilence?: (seconds: number) => void;
  signal?: AbortSignal;
}

const defaultMaxBytes = 32 * 1024 * 1024;

/** A machine that commands can be run on. Has no connection of its own: all share those of the pool. */
export class Ssh {
  private readonly endpoint: Endpoint;

  constructor(
    private readonly connection: Connection,
    private readonly pool: ConnectionPool = sharedPool(),
  ) {
    this.endpoint = endpoint(connection);
  }

  /** For messages: user@host:port. */
  get host(): string {
    return this.endpoint.name;
  }

  /** Runs a POSIX-sh script, or one command given as its words. A code other than 0 is a result, not an error. */
  run(command: string | readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const {
      what = "run a command",
      as = "root",
      input,
      maxBytes = defaultMaxBytes,
      timeoutSeconds,
      silenceSeconds,
      onSilence,
      onLine,
      signal,
    } = options;
    return run(this.pool, this.endpoint, {
      what,
      onLine,
      maxBytes,
      onSilence,
      signal,
      script: wrapScript(typeof command === "string" ? command : scriptOf(command)),
      input: typeof input === "string" || Buffer.isBuffer(input) ? [input] : input,
      asRoot: as === "root",
      sudoPassword: this.connection.sudo?.password,
      timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
      silenceMs: silenceSeconds === undefined ? undefined : silenceSeconds * 1000,
    });
  }

  /** Ends the connection; the next command dials again. */
  disconnect(): Promise<void> {
    return this.pool.close(this.endpoint);
  }
}
