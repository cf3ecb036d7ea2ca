import { Readable } from "node:stream";
import type { ClientChannel } from "ssh2";
import type { StartOptions } from "./command-start";
import { CommandStart } from "./command-start";
import type { SshConnection } from "./connection";
import { SshError } from "./errors";
import type { StreamName } from "./output";
import { Output } from "./output";
import { watchForSilence } from "./silence";

export interface CommandRequest {
  /** For messages, after "could not": "read the state of the host". */
  what: string;
  script: Buffer;
  /** The script's stdin. Secrets are passed this way. */
  input?: AsyncIterable<Buffer | string> | Iterable<Buffer | string>;
  asRoot: boolean;
  forcedOutput?: RegExp;
  sudoPassword?: string;
  onLine?: (line: string, stream: StreamName) => void;
  maxBytes: number;
  timeoutMs?: number;
  /** How long no data may be received or sent. */
  silenceMs?: number;
  onSilence?: (seconds: number) => void;
  signal?: AbortSignal;
}

export interface RunResult {
  /** null if a signal ended it. */
  code: number | null;
  signal?: string;
  stdout: string;
  stderr: string;
  /** The server ran the program of a forced command instead. */
  isForced?: true;
}

/** One command from its start to its end. */
export class CommandExecution {
  private readonly stdout: Output;
  private readonly stderr: Output;
  private readonly beginning: CommandStart;
  private input: Readable | undefined;
  private timer: NodeJS.Timeout | undefined;
  private endWatch: (() => void) | undefined;
  /** Number of chunks that were received, or read from the input. */
  private moved = 0;
  private readonly abort = () => this.fail(this.request.signal!.reason);

  constructor(
    private readonly connection: SshConnection,
    private readonly channel: ClientChannel,
    private readonly request: CommandRequest & StartOptions,
    private readonly resolve: (result: RunResult) => void,
    private readonly reject: (reason: unknown) => void,
  ) {
    this.beginning = new CommandStart(connection.endpoint, request, {
      prompt: () => channel.write(`${request.sudoPassword}\n`),
      opened: () => this.sendScript(),
      refused: (error) => this.fail(error),
    });
    this.stdout = this.output("stdout");
    this.stderr = this.output("stderr");
  }

  start(): void {
    const { channel, request } = this;
    channel.on("data", (chunk: Buffer) => this.take(this.stdout, chunk));
    channel.stderr.on("data", (chunk: Buffer) => this.take(this.stderr, chunk));
    channel.on("error", (error: Error) => this.fail(error));
    // Not "exit": a quick command may send all in one packet, before there is a listener.
    channel.once("close", (code?: number | null, signal?: string) => this.ended(code, signal));
    request.signal?.addEventListener("abort", this.abort, { once: true });
    if (request.timeoutMs !== undefined) this.timer = setTimeout(() => this.fail(this.tooLong()), request.timeoutMs);
    if (request.silenceMs !== undefined) this.watch(request.silenceMs);
    if (request.signal?.aborted) this.abort();
  }

  private watch(limitMs: number): void {
    const position = () => `${this.moved} ${this.channel.writableLength}`;
    this.endWatch = watchForSilence(position, {
      limitMs,
      onSilence: this.request.onSilence,
      onLimit: () => this.fail(this.tooSilent()),
    });
  }

  private output(stream: StreamName): Output {
    const { maxBytes, onLine } = this.request;
    return new Output(maxBytes, onLine && ((line) => onLine(line, stream)), (text) =>
      this.beginning.read(stream, text),
    );
  }

  private sendScript(): void {
    this.channel.write(this.request.script);
    this.input = Readable.from(this.request.input ?? [], { highWaterMark: 1 });
    this.input
      .on("data", () => this.moved++)
      .on("error", (error) => this.fail(error))
      .pipe(this.channel);
  }

  private take(output: Output, chunk: Buffer): void {
    this.moved++;
    if (!output.add(chunk)) this.fail(this.tooMuch());
  }

  private ended(code: number | null | undefined, signal: string | undefined): void {
    this.stdout.end();
    this.stderr.end();
    this.cleanUp();
    if (code === undefined) this.reject(this.connection.lost(this.request.what));
    else if (!this.beginning.isOpen)
      this.reject(this.beginning.refusal(code === null ? `was ended by ${signal}` : `ended with code ${code}`));
    else {
      const { isForced } = this.beginning;
      this.resolve({ code, signal, stdout: this.stdout.text, stderr: this.stderr.text, ...(isForced && { isForced }) });
    }
  }

  private fail(error: unknown): void {
    this.cleanUp();
    this.reject(error);
    this.channel.close();
  }

  private cleanUp(): void {
    clearTimeout(this.timer);
    this.endWatch?.();
    this.beginning.stop();
    this.request.signal?.removeEventListener("abort", this.abort);
    this.input?.destroy();
  }

  private tooLong(): SshError {
    if (!this.beginning.isOpen) return this.beginning.refusal(`took more than ${this.request.timeoutMs! / 1000} s`);
    const seen = `it did not end within ${this.request.timeoutMs! / 1000} s`;
    return this.error("timeout", seen, "It may still be running on the host: check that before you run it again.");
  }

  private tooSilent(): SshError {
    const seen = `it sent and accepted no data for ${this.request.silenceMs! / 1000} s, although the connection is up`;
    return this.error("silent", seen, "Check whether the machine hangs, for example on a disk or for lack of memory.");
  }

  private tooMuch(): SshError {
    return this.error(
      "limit",
      `it printed more than ${this.request.maxBytes} bytes`,
      "Check what prints so much on the host.",
    );
  }

  private error(kind: "timeout" | "limit" | "silent", cause: string, hint: string): SshError {
    return new SshError(kind, { action: this.request.what, host: this.connection.endpoint.name, cause, hint });
  }
}
