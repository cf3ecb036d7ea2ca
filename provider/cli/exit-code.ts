import type { HostPreview } from "../preview/host-preview";
import { isBlocked, reportOn } from "../report/report";

/** What the command line ends with. */
export const exitCode = { fine: 0, error: 1, differs: 2 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** A host that is blocked or away, or has two names, is an error; something to do is a difference. */
export function exitCodeOf(outlooks: readonly HostPreview[]): ExitCode {
  const report = reportOn(outlooks);
  if (isBlocked(report)) return exitCode.error;
  return report.totals.withChanges > 0 ? exitCode.differs : exitCode.fine;
}
