import type { Socket } from "node:net";
import { connect } from "node:net";

type Json = Record<string, unknown>;

/** A line of JSON out, a line of JSON back: QEMU's monitor (QMP) and its guest agent both speak so. */
export class JsonSocket {
  private buffer = "";
  private readonly waiting: ((message: Json) => boolean)[] = [];

  private constructor(private readonly socket: Socket) {
    socket.setEncoding("utf8").on("data", (data: string) => this.receive(data));
  }

  static async open(path: string): Promise<JsonSocket> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.on("error", () => undefined); // the reader sees the close
    return new JsonSocket(socket);
  }

  /** Sends a command and waits for its answer; events, greetings and answers that are not `wanted` are skipped. */
  async call(
    execute: string,
    args?: Json,
    timeoutMs = 60_000,
    wanted: (answer: unknown) => boolean = () => true,
  ): Promise<unknown> {
    const answer = this.next(
      (message) => "error" in message || ("return" in message && wanted(message.return)),
      timeoutMs,
      execute,
    );
    this.socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    const message = await answer;
    if ("error" in message) throw new Error(`${execute}: ${JSON.stringify(message.error)}`);
    return message.return;
  }

  close(): void {
    this.socket.destroy();
  }

  private next(wanted: (message: Json) => boolean, timeoutMs: number, what: string): Promise<Json> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.socket.off("close", closed);
        this.waiting.splice(this.waiting.indexOf(take), 1);
      };
      const take = (message: Json): boolean => {
        if (!wanted(message)) return false;
        end();
        resolve(message);
        return true;
      };
      const closed = (): void => {
        end();
        reject(new Error(`${what}: the socket was closed`));
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`${what}: no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.socket.once("close", closed);
      this.waiting.push(take);
    });
  }

  private receive(data: string): void {
    this.buffer += data;
    for (let end = this.buffer.indexOf("\n"); end >= 0; end = this.buffer.indexOf("\n")) {
      const line = this.buffer.slice(0, end).replace(/^[^{]*/, ""); // the agent answers a sync with a 0xff first
      this.buffer = this.buffer.slice(end + 1);
      if (line.trim()) this.waiting[0]?.(JSON.parse(line) as Json);
    }
  }
}
