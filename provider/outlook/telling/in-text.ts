import type { Outlook } from "../outlook";
import { stepsInWords, type Group } from "./groups";
import { counted, names } from "./in-words";
import { isBlocked, reportOn } from "./report";
import { headline } from "./totals";

/** What a fleet is in for, in plain text: one message, with what everybody wants to know in its first line. */
export function inText(outlooks: readonly Outlook[]): { text: string; isBlocked: boolean } {
  const report = reportOn(outlooks);
  const parts = [
    [headline(report.totals)],
    report.twins.map(({ hosts, identity }) => `${names(hosts)} are one machine (${identity}). Keep one of the names.`),
    ...report.groups.map(group),
    report.blocked.map(({ hosts, says }) => `${names(hosts)} blocked: ${says}`),
    report.away.map(({ hosts, says }) => `${names(hosts)} away: ${says}`),
    report.notKnownYet.map(({ hosts, says }) => `${names(hosts)}: ${says}`),
    report.inMaintenance.map(({ hosts, says }) => `${names(hosts)}: maintenance (${says}).`),
    [...report.adopted, ...report.notes].map(({ hosts, says }) => `${names(hosts)}: ${says}`),
  ];
  const text = parts.filter(({ length }) => length > 0).map((lines) => lines.join("\n")).join("\n\n");
  return { text, isBlocked: isBlocked(report) };
}

function group(one: Group): string[] {
  const { hosts, lines } = one;
  const steps = lines.map(({ does, because }, i) => `${String(i + 1).padStart(3)}. ${does}: ${because}`);
  if (hosts.length === 1) return [`${hosts[0]}: ${stepsInWords(one)}`, ...steps];
  return [`${counted(hosts.length, "host")}: ${stepsInWords(one)}`, `     on ${names(hosts)}`, ...steps];
}
