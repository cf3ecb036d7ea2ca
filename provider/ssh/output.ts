import { StringDecoder } from "node:string_decoder";

export type StreamName = "stdout" | "stderr";

/** Collects what a command prints on one stream, and passes it on line by line. */
export class Output {
  text = "";
  private bytes = 0;
  private unfinished = "";
  private readonly decoder = new StringDecoder("utf8");

  constructor(
    private readonly maxBytes: number,
    private readonly onLine?: (line: string) => void,
    private readonly filter: (text: string) => string = (text) => text,
  ) {}

  /** Adds a chunk. Returns false if that is more than allowed. */
  add(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) return false;
    this.take(this.filter(this.decoder.write(chunk)));
    return true;
  }

  end(): void {
    this.take(this.filter(this.decoder.end()));
    if (this.unfinished !== "") this.onLine?.(this.unfinished);
  }

  private take(text: string): void {
    this.text += text;
    if (!this.onLine) return;
    const lines = (this.unfinished + text).split("\n");
    this.unfinished = lines.pop() ?? "";
    for (const line of lines) this.onLine(line.replace(/\r$/, ""));
  }
}
