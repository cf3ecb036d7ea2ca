import type { Connection } from "../model/connection";
import { redactor } from "../model/redact";
import { sanitizeLine } from "../model/text";
import type { Severity, Sink } from "./engine/log";
import { isUrn, urnParts } from "./engine/urn";

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
    this.send("info", `[${this.label} ${seconds} s] ${line}`, true);
  }

  report(severity: Severity, message: string): void {
    this.send(severity, `[${this.label}] ${message}`, false);
  }

  /** Waits until all lines have arrived. */
  async flush(): Promise<void> {
    await this.last;
  }

  private get label(): string {
    const host = this.connection?.host ?? "no host";
    return isUrn(this.urn) ? `${urnParts(this.urn).name}@${host}` : host;
  }

  private send(severity: Severity, message: string, ephemeral: boolean): void {
    // A malformed URN would make the CLI panic; without one, the line is shown on the row of the stack.
    const urn = isUrn(this.urn) ? this.urn : "";
    const entry = { urn, severity, message: sanitizeLine(this.redact(message), 2000), ephemeral };
    this.last = this.last.then(() => this.sink(entry));
  }
}
