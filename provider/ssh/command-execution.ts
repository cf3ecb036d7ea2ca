import { Readable } from "node:stream";
import type { ClientChannel } from "ssh2";
import type { SshConnection } from "./connection";
import { SshError } from "./errors";
import type { StreamName } from "./output";
import { Output } from "./output";
import { watchForSilence } from "./silence";
import type { SudoMarkers } from "./sudo";
import { SudoPrompt } from "./sudo";

export interface Run {
  /** For messages, after "could not": "read the state of the host". */
  what: string;
  script: Buffer;
  /** What the script finds on its stdin; secrets go this way. */
  input?: AsyncIterable<Buffer | string> | Iterable<Buffer | string>;
  asRoot: boolean;
  sudoPassword?: string;
  onLine?: (line: string, stream: StreamName) => void;
  maxBytes: number;
  timeoutMs?: number;
  /** How long nothing may come or go. */
  silenceMs?: number;
  onSilence?: (seconds: number) => void;
  signal?: AbortSignal;
}

export interface RunResult {
  /** null when a signal ended it. */
  code: number | null;
  signal?: string;
  stdout: string;
  stderr: string;
}

/** One command from its start to its end. */
export class CommandExecution {
  private readonly stdout: Output;
  private stderr: Output;
  private dialogue: SudoPrompt | undefined;
  private input: Readable | undefined;
  private timer: NodeJS.Timeout | undefined;
  private endWatch: (() => void) | undefined;
  /** Pieces that came, and pieces of the input that were asked for. */
  private pieces = 0;
  private readonly abort = () => this.fail(this.what.signal!.reason);

  constructor(
    private readonly connection: SshConnection,
    private readonly channel: ClientChannel,
    private readonly what: Run,
    private readonly resolve: (result: RunResult) => void,
    private readonly reject: (reason: unknown) => void,
  ) {
    this.stdout = this.output("stdout");
    this.stderr = this.output("stderr");
  }

  begin(words?: SudoMarkers): void {
    const { channel, what } = this;
    if (words) this.becomeRoot(words);
    channel.on("data", (chunk: Buffer) => this.take(this.stdout, chunk));
    channel.stderr.on("data", (chunk: Buffer) => this.take(this.stderr, chunk));
    channel.on("error", (error: Error) => this.fail(error));
    // Not "exit": that may be over before anybody listens, when a quick command's whole life comes in one packet.
    channel.once("close", (code?: number | null, signal?: string) => this.ended(code, signal));
    what.signal?.addEventListener("abort", this.abort, { once: true });
    if (what.timeoutMs !== undefined) this.timer = setTimeout(() => this.fail(this.tooLong()), what.timeoutMs);
    if (what.silenceMs !== undefined) this.watch(what.silenceMs);
    if (what.signal?.aborted) this.abort();
    else if (!words) this.send();
  }

  private watch(limitMs: number): void {
    const position = () => `${this.pieces} ${this.channel.writableLength}`;
    this.endWatch = watchForSilence(position, {
      limitMs,
      onSilence: this.what.onSilence,
      onLimit: () => this.fail(this.tooSilent()),
    });
  }

  private output(stream: StreamName, filter?: (text: string) => string): Output {
    return new Output(this.what.maxBytes, (line) => this.what.onLine?.(line, stream), filter);
  }

  private becomeRoot(words: SudoMarkers): void {
    const dialogue = new SudoPrompt(this.connection.endpoint, words, {
      prompt: () => this.channel.write(`${this.what.sudoPassword}\n`),
      opened: () => this.send(),
      refused: (error) => this.fail(error),
    });
    this.dialogue = dialogue;
    this.stderr = this.output("stderr", (text) => dialogue.read(text));
  }

  private send(): void {
    this.channel.write(this.what.script);
    this.input = Readable.from(this.what.input ?? [], { highWaterMark: 1 });
    this.input
      .on("data", () => this.pieces++)
      .on("error", (error) => this.fail(error))
      .pipe(this.channel);
  }

  private take(output: Output, chunk: Buffer): void {
    this.pieces++;
    if (!output.add(chunk)) this.fail(this.tooMuch());
  }

  private ended(code: number | null | undefined, signal: string | undefined): void {
    this.stdout.end();
    this.stderr.end();
    this.settle();
    if (code === undefined) this.reject(this.connection.lost(this.what.what));
    else if (this.dialogue && !this.dialogue.opened) this.reject(this.dialogue.refusal(this.stdout.text));
    else this.resolve({ code, signal, stdout: this.stdout.text, stderr: this.stderr.text });
  }

  private fail(error: unknown): void {
    this.settle();
    this.reject(error);
    this.channel.close();
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.endWatch?.();
    this.what.signal?.removeEventListener("abort", this.abort);
    this.input?.destroy();
  }

  private tooLong(): SshError {
    const seen = `it has not ended within ${this.what.timeoutMs! / 1000} s`;
    return this.error("timeout", seen, "It may still be running there: look before you try again.");
  }

  private tooSilent(): SshError {
    const seen = `nothing came from it and nothing went to it for ${this.what.silenceMs! / 1000} s, though the connection is there`;
    return this.error("silent", seen, "Look at the machine: does it hang, on a disk or on memory?");
  }

  private tooMuch(): SshError {
    return this.error("limit", `it printed more than ${this.what.maxBytes} bytes`, "Look what prints so much there.");
  }

  private error(kind: "timeout" | "limit" | "silent", cause: string, hint: string): SshError {
    return new SshError(kind, { action: this.what.what, host: this.connection.endpoint.name, cause, hint });
  }
}
