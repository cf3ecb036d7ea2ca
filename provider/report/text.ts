import type { HostPreview } from "../preview/host-preview";
import { formatHosts, plural } from "./format";
import type { Report } from "./report";
import { createReport, headline, isBlocked } from "./report";
import type { HostGroup } from "./steps";
import { formatGroup } from "./steps";

/** Lines that belong together, each lot after a blank line. */
export const paragraphs = (parts: readonly (readonly string[])[]): string =>
  parts
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");

/** What is told of hosts that are not as others are, one line each. */
export const linesOnHosts = ({ duplicateHosts, unreachable, inMaintenance }: Report) => ({
  twins: duplicateHosts.map(
    ({ hosts, identity }) => `${formatHosts(hosts)} are one machine (${identity}). Keep one of the names.`,
  ),
  away: unreachable.map(({ hosts, message }) => `${formatHosts(hosts)} away: ${message}`),
  inMaintenance: inMaintenance.map(({ hosts, message }) => `${formatHosts(hosts)}: maintenance (${message}).`),
});

/** What a fleet is in for, in plain text: one message, with what everybody wants to know in its first line. */
export function previewText(outlooks: readonly HostPreview[]): { text: string; isBlocked: boolean } {
  const report = createReport(outlooks);
  const told = linesOnHosts(report);
  const parts = [
    [headline(report.totals)],
    told.twins,
    ...report.groups.map(groupLines),
    report.blocked.map(({ hosts, message }) => `${formatHosts(hosts)} blocked: ${message}`),
    told.away,
    report.pending.map(({ hosts, message }) => `${formatHosts(hosts)}: ${message}`),
    told.inMaintenance,
    [...report.adopted, ...report.notes].map(({ hosts, message }) => `${formatHosts(hosts)}: ${message}`),
  ];
  return { text: paragraphs(parts), isBlocked: isBlocked(report) };
}

function groupLines(one: HostGroup): string[] {
  const { hosts, lines } = one;
  const steps = lines.map(({ title, reason }, i) => `${String(i + 1).padStart(3)}. ${title}: ${reason}`);
  if (hosts.length === 1) return [`${hosts[0]}: ${formatGroup(one)}`, ...steps];
  return [`${plural(hosts.length, "host")}: ${formatGroup(one)}`, `     on ${formatHosts(hosts)}`, ...steps];
}
