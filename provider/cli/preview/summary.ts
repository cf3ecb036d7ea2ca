import { isUrn, urnParts } from "../../lifecycle/engine/urn";
import { folded, formatHosts, inline, plural } from "../../report/format";
import { groupMessages } from "../../report/group-messages";
import { changesByHost } from "./changes";
import type { Preview } from "./digest";

/** More lines than this are folded away. */
const shown = 12;

/** What a preview says, for a comment that is read in a minute. */
export function summaryMarkdown({ steps, diagnostics, changeSummary }: Preview): string {
  const isOfFleet = (message: string) => message.startsWith("Fleet of ");
  const others = (severity: string) =>
    diagnostics.filter((one) => one.severity === severity && !isOfFleet(one.message));
  const changes = changesByHost(steps).map(
    ({ hosts, message }) => `| \`${formatHosts(hosts)}\` | ${inline(message)} |`,
  );
  const parts = [
    `### Preview: ${totals(changeSummary)}`,
    ...diagnostics.filter(({ message }) => isOfFleet(message)).map(({ message }) => verbatim(message)),
    section("Errors", said(others("error"))),
    section("Warnings", said(others("warning"))),
    changes.length > 0 && `#### Changes by host\n\n${table(changes)}`,
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function totals({ same: _, ...changes }: Preview["changeSummary"]): string {
  const words = Object.entries(changes).flatMap(([op, count]) => (count ? [`${count} to ${op}`] : []));
  return words.join(", ") || "no changes";
}

/** In a fence that is longer than any in the text. */
function verbatim(text: string): string {
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `${fence}text\n${text}\n${fence}`;
}

function said(diagnostics: Preview["diagnostics"]): string[] {
  // Ours begin with the resource's name and host, as they have to where Pulumi shows no rows.
  const about = ({ urn = "", message }: Preview["diagnostics"][number]) =>
    isUrn(urn) ? { host: urnParts(urn).name, message: message.replace(/^\[[^\]\s]+\] /, "") } : { host: "", message };
  return groupMessages(diagnostics.map(about), ({ message }) => [message]).map(({ hosts, message }) => {
    const of = formatHosts(hosts.filter(Boolean));
    return `- ${of && `\`${of}\`: `}${inline(message)}`;
  });
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length > 0
    ? `#### ${title}\n\n${lines.length > shown ? folded(plural(lines.length, "line"), lines) : lines.join("\n")}`
    : "";

function table(rows: readonly string[]): string {
  const all = ["| hosts | changes |", "| --- | --- |", ...rows];
  return rows.length > shown ? folded(plural(rows.length, "row"), all) : all.join("\n");
}
