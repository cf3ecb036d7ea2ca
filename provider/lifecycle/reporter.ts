import type { Connection } from "../model/connection";
import { redactor } from "../model/redact";
import { sanitizeLine } from "../model/text";
import type { Severity, Sink } from "./engine/log";
import { isUrn, urnParts } from "./engine/urn";

/** Says what happens to one resource on one host, on its own row. No line has a secret of the connection in it. */
export class Reporter {
  readonly redact: (text: string) => string;
  private readonly started = Date.now();
  /** One after the other: the engine shows lines as they arrive. */
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly sink: Sink,
    private readonly urn: unknown,
    private readonly connection: Connection | undefined,
  ) {
    this.redact = redactor(connection);
  }

  /** For something that is going on. */
  progress(line: string): void {
    const seconds = Math.round((Date.now() - this.started) / 1000);
    this.say("info", `[${this.who} ${seconds} s] ${line}`, true);
  }

  report(severity: Severity, sentence: string): void {
    this.say(severity, `[${this.who}] ${sentence}`, false);
  }

  /** All that was said has arrived. */
  async flush(): Promise<void> {
    await this.last;
  }

  private get who(): string {
    const host = this.connection?.host ?? "no host";
    return isUrn(this.urn) ? `${urnParts(this.urn).name}@${host}` : host;
  }

  private say(severity: Severity, message: string, ephemeral: boolean): void {
    // A malformed URN would make the CLI panic; without one, the line is shown on the row of the stack.
    const urn = isUrn(this.urn) ? this.urn : "";
    const entry = { urn, severity, message: sanitizeLine(this.redact(message), 2000), ephemeral };
    this.last = this.last.then(() => this.sink(entry));
  }
}
