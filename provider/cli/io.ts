import type { Connection } from "../model/connection";
import type { HostFacts } from "../model/facts/host-facts";
import { sanitize } from "../model/text";
import type { HostPreview } from "../preview/host-preview";
import { previewHosts } from "../preview/preview-hosts";
import { createReport, isBlocked } from "../report/report";

/** Everything that a command uses from outside. Tests replace it. */
export interface CliIo {
  out: (text: string) => void;
  err: (text: string) => void;
  /** Shows a progress line in place of the previous one. Missing if stderr is not a terminal. */
  progress?: (line: string) => void;
  stdin: () => Promise<string>;
  previewHosts: typeof previewHosts;
  /** Source of facts. Default: the hosts. */
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

/** Escapes control characters: names of guests and processes may contain any. */
export const escapeControls = (text: string): string => sanitize(text, Infinity);

/** Shows how many hosts are done. `done` removes the line. */
export function hostCounter({ progress }: CliIo, hosts: number): { count: () => void; done: () => void } {
  let finished = 0;
  const show = () => progress?.(`${finished} of ${hosts} hosts inspected`);
  show();
  return { count: () => (finished++, show()), done: () => progress?.("") };
}

/** The exit codes of all commands. */
export const exitCode = { ok: 0, error: 1, differs: 2 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Returns the exit code of a preview. A blocked, unreachable or duplicate host is an error. */
export function exitCodeOf(previews: readonly HostPreview[]): ExitCode {
  const report = createReport(previews);
  if (isBlocked(report)) return exitCode.error;
  return report.totals.withChanges > 0 ? exitCode.differs : exitCode.ok;
}
