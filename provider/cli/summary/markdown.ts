import { isUrn, urnParts } from "../../lifecycle/engine/urn";
import { plural } from "../../model/text";
import { details, escapeMarkdown, formatHosts } from "../../report/format";
import { groupMessages } from "../../report/group-messages";
import { changesByHost } from "./changes";
import type { Preview } from "./preview";

/** Longer lists are collapsed. */
const maxUnfoldedLines = 12;

/** Formats a preview as Markdown, for a pull-request comment. */
export function summaryMarkdown({ steps, diagnostics, changeSummary }: Preview): string {
  const isOfFleet = (message: string) => message.startsWith("Fleet of ");
  const others = (severity: string) =>
    diagnostics.filter((one) => one.severity === severity && !isOfFleet(one.message));
  const changes = changesByHost(steps).map(
    ({ hosts, message }) => `| \`${formatHosts(hosts)}\` | ${escapeMarkdown(message)} |`,
  );
  const parts = [
    `### Preview: ${formatTotals(changeSummary)}`,
    ...diagnostics.filter(({ message }) => isOfFleet(message)).map(({ message }) => codeBlock(message)),
    section("Errors", diagnosticLines(others("error"))),
    section("Warnings", diagnosticLines(others("warning"))),
    changes.length > 0 && `#### Changes by host\n\n${table(changes)}`,
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function formatTotals({ same: _, ...changes }: Preview["changeSummary"]): string {
  const words = Object.entries(changes).flatMap(([op, count]) => (count ? [`${count} to ${op}`] : []));
  return words.join(", ") || "no changes";
}

/** Returns a code block with a fence that is longer than any in the text. */
function codeBlock(text: string): string {
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `${fence}text\n${text}\n${fence}`;
}

function diagnosticLines(diagnostics: Preview["diagnostics"]): string[] {
  // Messages of this package begin with the names of resource and host.
  const about = ({ urn = "", message }: Preview["diagnostics"][number]) =>
    isUrn(urn) ? { host: urnParts(urn).name, message: message.replace(/^\[[^\]\s]+\] /, "") } : { host: "", message };
  return groupMessages(diagnostics.map(about), ({ message }) => [message]).map(({ hosts, message }) => {
    const of = formatHosts(hosts.filter(Boolean));
    return `- ${of && `\`${of}\`: `}${escapeMarkdown(message)}`;
  });
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length > 0
    ? `#### ${title}\n\n${lines.length > maxUnfoldedLines ? details(plural(lines.length, "line"), lines) : lines.join("\n")}`
    : "";

function table(rows: readonly string[]): string {
  const all = ["| hosts | changes |", "| --- | --- |", ...rows];
  return rows.length > maxUnfoldedLines ? details(plural(rows.length, "row"), all) : all.join("\n");
}
