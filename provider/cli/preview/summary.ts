import { isUrn, urnParts } from "../../lifecycle/urn";
import { counted, names } from "../../outlook/telling/in-words";
import { folded, inline } from "../../outlook/telling/markdown";
import { sayings } from "../../outlook/telling/sayings";
import { changesByHost } from "./changes";
import type { Preview } from "./digest";

/** More lines than this are folded away. */
const shown = 12;

/** What a preview says, for a comment that is read in a minute. */
export function inMarkdown({ steps, diagnostics, changeSummary }: Preview): string {
  const isOfFleet = (message: string) => message.startsWith("Fleet of ");
  const others = (severity: string) => diagnostics.filter((one) => one.severity === severity && !isOfFleet(one.message));
  const changes = changesByHost(steps).map(({ hosts, says }) => `| \`${names(hosts)}\` | ${inline(says)} |`);
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
  return sayings(diagnostics.map(about), ({ message }) => [message]).map(({ hosts, says }) => {
    const of = names(hosts.filter(Boolean));
    return `- ${of && `\`${of}\`: `}${inline(says)}`;
  });
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length > 0 ? `#### ${title}\n\n${lines.length > shown ? folded(counted(lines.length, "line"), lines) : lines.join("\n")}` : "";

function table(rows: readonly string[]): string {
  const all = ["| hosts | changes |", "| --- | --- |", ...rows];
  return rows.length > shown ? folded(counted(rows.length, "row"), all) : all.join("\n");
}
