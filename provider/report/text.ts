import { plural } from "../model/text";
import { formatHosts } from "./format";
import type { HostMessage } from "./group-messages";
import type { Report, ReportedHost, Totals } from "./report";
import { createReport, headline, isBlocked } from "./report";
import type { HostGroup } from "./steps";
import { formatGroup } from "./steps";

/** Joins groups of lines, with a blank line between the groups. Leaves out empty groups. */
export const paragraphs = (groups: readonly (readonly string[])[]): string =>
  groups
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");

const hostLines = (messages: readonly HostMessage[], status = ""): string[] =>
  messages.map(({ hosts, message }) => `${formatHosts(hosts)}${status}${message ? `: ${message}` : "."}`);

/** Returns one line for each group of hosts that could not be planned, or that are one machine. */
export const specialHosts = ({ duplicateHosts, unreachable, inMaintenance }: Report) => ({
  duplicates: duplicateHosts.map(
    ({ hosts, identity }) => `${formatHosts(hosts)} are one machine (${identity}). Keep one of the names.`,
  ),
  unreachable: hostLines(unreachable, " unreachable"),
  inMaintenance: hostLines(inMaintenance, " in maintenance"),
});

/** Returns the preview of a fleet as plain text, with the totals in the first line. */
export function previewText(previews: readonly ReportedHost[]): { text: string; isBlocked: boolean } {
  const report = createReport(previews);
  const special = specialHosts(report);
  const text = paragraphs([
    [headline(report.totals)],
    special.duplicates,
    ...report.groups.map(groupLines),
    hostLines(report.failed, " failed"),
    hostLines(report.blocked, " blocked"),
    special.unreachable,
    hostLines(report.waiting),
    hostLines(report.pending, " pending"),
    special.inMaintenance,
    hostLines([...report.adopted, ...report.notes]),
  ]);
  return { text, isBlocked: isBlocked(report) };
}

/** Returns the report on the hosts of a program. */
export const fleetReport = (hosts: readonly ReportedHost[]): { text: string; totals: Totals } => ({
  text: previewText(hosts).text,
  totals: createReport(hosts).totals,
});

function groupLines(group: HostGroup): string[] {
  const { hosts, lines } = group;
  const steps = lines.map(({ title, reason }, i) => `${String(i + 1).padStart(3)}. ${title}: ${reason}`);
  if (hosts.length === 1) return [`${hosts[0]}: ${formatGroup(group)}`, ...steps];
  return [`${plural(hosts.length, "host")}: ${formatGroup(group)}`, `     on ${formatHosts(hosts)}`, ...steps];
}
