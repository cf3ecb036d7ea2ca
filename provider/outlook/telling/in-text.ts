import type { Outlook } from "../outlook";
import { stepsInWords, type Group } from "./groups";
import { counted, names } from "./in-words";
import { linesOnHosts, paragraphs } from "./paragraphs";
import { isBlocked, reportOn } from "./report";
import { headline } from "./totals";

/** What a fleet is in for, in plain text: one message, with what everybody wants to know in its first line. */
export function inText(outlooks: readonly Outlook[]): { text: string; isBlocked: boolean } {
  const report = reportOn(outlooks);
  const told = linesOnHosts(report);
  const parts = [
    [headline(report.totals)],
    told.twins,
    ...report.groups.map(group),
    report.blocked.map(({ hosts, says }) => `${names(hosts)} blocked: ${says}`),
    told.away,
    report.notKnownYet.map(({ hosts, says }) => `${names(hosts)}: ${says}`),
    told.inMaintenance,
    [...report.adopted, ...report.notes].map(({ hosts, says }) => `${names(hosts)}: ${says}`),
  ];
  return { text: paragraphs(parts), isBlocked: isBlocked(report) };
}

function group(one: Group): string[] {
  const { hosts, lines } = one;
  const steps = lines.map(({ does, because }, i) => `${String(i + 1).padStart(3)}. ${does}: ${because}`);
  if (hosts.length === 1) return [`${hosts[0]}: ${stepsInWords(one)}`, ...steps];
  return [`${counted(hosts.length, "host")}: ${stepsInWords(one)}`, `     on ${names(hosts)}`, ...steps];
}
