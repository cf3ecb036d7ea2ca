import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Connection } from "../model/connection";
import { orAborted } from "./abort";
import type { CommandRequest, RunResult } from "./command-execution";
import { CommandExecution } from "./command-execution";
import type { Endpoint } from "./endpoint";
import { endpoint } from "./endpoint";
import type { StreamName } from "./output";
import type { ConnectionPool } from "./pool";
import { sharedPool } from "./pool";
import { scriptOf, stdinScriptCommand, wrapScript } from "./script";
import { sudo } from "./sudo";

/** The client times out first, with its error; the host ends the command after that. */
const remoteGraceMs = 500;

export async function run(pool: ConnectionPool, endpoint: Endpoint, what: CommandRequest): Promise<RunResult> {
  what.signal?.throwIfAborted();
  // One signal may stop hundreds of commands.
  if (what.signal) setMaxListeners(0, what.signal);
  const token = randomBytes(9).toString("hex");
  const markers = { prompt: `password-${token}`, begun: `begun-${token}`, opened: `opened-${token}` };
  const needsSudo = what.asRoot && endpoint.user !== "root";
  const timeoutMs = what.timeoutMs === undefined ? undefined : what.timeoutMs + remoteGraceMs;
  const script = stdinScriptCommand(what.script, { announcement: markers.opened, timeoutMs });
  const command = needsSudo ? sudo(script, what.sudoPassword, markers) : script;
  const { connection, channel } = await start(pool, endpoint, command, what.signal);
  return new Promise((resolve, reject) => {
    new CommandExecution(connection, channel, { ...what, markers, usesSudo: needsSudo }, resolve, reject).start();
  });
}

/** Opens a channel. The connection may have died since it was last used; nothing has run yet, so a new one is tried. */
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

export interface RunOptions {
  /** For messages, after "could not": "read the state of the host". Default: "run a command". */
  what?: string;
  /** The command's stdin. Secrets are passed this way, since neither `ps` nor a log shows it. */
  input?: string | Buffer | AsyncIterable<Buffer>;
  /** Default: root. */
  as?: "root" | "login";
  /** What the program prints that a key with a forced command runs. It is then the result, and the command was not run. */
  forcedOutput?: RegExp;
  /** Called with each line as it is received. */
  onLine?: (line: string, stream: StreamName) => void;
  /** For each of stdout and stderr. Default: 32 MiB. */
  maxBytes?: number;
  /** From the moment the host accepts the command. Default: no limit. */
  timeoutSeconds?: number;
  /** Time without a byte received or sent. Default: no limit. */
  silenceSeconds?: number;
  /** Called about once a second during such a silence, with its seconds. */
  onSilence?: (seconds: number) => void;
  signal?: AbortSignal;
}

const defaultMaxBytes = 32 * 1024 * 1024;

/** Runs commands on a machine. Its connections are shared through the pool. */
export class Ssh {
  private readonly endpoint: Endpoint;

  constructor(
    private readonly connection: Connection,
    private readonly pool: ConnectionPool = sharedPool(),
    /** `isForReading`: a dead machine is given up after one time limit. */
    use: { isForReading?: boolean } = {},
  ) {
    this.endpoint = endpoint(connection, use);
  }

  /** For messages: user@host:port. */
  get host(): string {
    return this.endpoint.name;
  }

  /** Runs a POSIX sh script, or a command given as its words. A code other than 0 is a result, not an error. */
  run(command: string | readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const {
      what = "run a command",
      as = "root",
      forcedOutput,
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
      forcedOutput,
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

  /** Closes the connection; the next command dials again. */
  disconnect(): Promise<void> {
    return this.pool.close(this.endpoint);
  }
}
