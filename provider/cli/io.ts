import type { Connection } from "../model/connection";
import type { HostFacts } from "../model/facts/host-facts";
import { sanitize } from "../model/text";
import type { HostPreview } from "../preview/host-preview";
import { previewHosts } from "../preview/preview-hosts";
import { createReport, isBlocked } from "../report/report";

/** What the command line has around it; tests have a world of their own. */
export interface CliIo {
  out: (text: string) => void;
  err: (text: string) => void;
  /** A line that the next one takes the place of; left out where nobody watches. */
  progress?: (line: string) => void;
  stdin: () => Promise<string>;
  previewHosts: typeof previewHosts;
  /** Where facts come from, if not from the hosts. */
  factsAt?: (connection: Connection) => Promise<HostFacts>;
}

export const processIo = (): CliIo => ({
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  ...(process.stderr.isTTY && { progress: (line: string) => void process.stderr.write(`\r\x1b[K${line}`) }),
  stdin: async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  },
  previewHosts: previewHosts,
});

/** Names of guests and processes are whatever somebody chose. */
export const escapeControls = (text: string): string => sanitize(text, Infinity);

/** Counts hosts for whoever watches, and leaves no trace of it. */
export function hostCounter({ progress }: CliIo, hosts: number): { seen: () => void; done: () => void } {
  let count = 0;
  const tell = () => progress?.(`${count} of ${hosts} hosts seen`);
  tell();
  return { seen: () => (count++, tell()), done: () => progress?.("") };
}

/** What the command line ends with. */
export const exitCode = { ok: 0, error: 1, differs: 2 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** A host that is blocked or away, or has two names, is an error; something to do is a difference. */
export function exitCodeOf(outlooks: readonly HostPreview[]): ExitCode {
  const report = createReport(outlooks);
  if (isBlocked(report)) return exitCode.error;
  return report.totals.withChanges > 0 ? exitCode.differs : exitCode.ok;
}
