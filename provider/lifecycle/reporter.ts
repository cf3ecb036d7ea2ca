import type { Connection } from "../model/connection";
import { redactor } from "../model/redact";
import { sanitizeLine } from "../model/text";
import type { Severity, Sink } from "./engine/log";
import { isUrn, urnParts } from "./engine/urn";
import { isKnownWhole } from "./parse";

const reported = new WeakMap<Sink, Set<string>>();

/** Reports progress of one resource on its row of `pulumi up`. Secrets of the connection are redacted. */
export class Reporter {
  readonly redact: (text: string) => string;
  private readonly started = Date.now();
  /** Lines are sent one by one, because the engine shows them as they arrive. */
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly sink: Sink,
    private readonly urn: unknown,
    private readonly connection: Connection | undefined,
  ) {
    this.redact = redactor(connection);
  }

  /** Shows a line only while the run continues. */
  progress(line: string): void {
    const seconds = Math.round((Date.now() - this.started) / 1000);
    this.send("info", [`[${this.label} ${seconds} s] ${line}`], true);
  }

  report(severity: Severity, message: string): void {
    this.reportLines(severity, [message]);
  }

  /** Shows several lines as one message. */
  reportLines(severity: Severity, [first = "", ...more]: readonly string[]): void {
    this.send(severity, [`[${this.label}] ${first}`, ...more], false);
  }

  /** Reports a message about a host, unless another resource has reported the same one in this process. */
  reportOnce(severity: Severity, message: string): void {
    const before = reported.get(this.sink) ?? new Set<string>();
    reported.set(this.sink, before);
    if (!before.has(message)) this.report(severity, message);
    before.add(message);
  }

  /** Waits until all lines have arrived. */
  async flush(): Promise<void> {
    await this.last;
  }

  private get label(): string {
    const { host = "no host" } = isKnownWhole(this.connection) ? (this.connection ?? {}) : {};
    return isUrn(this.urn) ? `${urnParts(this.urn).name}@${host}` : host;
  }

  private send(severity: Severity, lines: readonly string[], ephemeral: boolean): void {
    // A malformed URN would make the CLI panic; without one, the line is shown on the row of the stack.
    const urn = isUrn(this.urn) ? this.urn : "";
    const message = lines.map((line) => sanitizeLine(this.redact(line), 2000)).join("\n");
    const entry = { urn, severity, message, ephemeral };
    this.last = this.last.then(() => this.sink(entry));
  }
}
