import type { Outlook } from "../outlook";
import { stepsInWords, type Group } from "./groups";
import { counted, names } from "./in-words";
import { folded, inline, table } from "./markdown";
import { reportOn } from "./report";
import type { Saying } from "./sayings";

/** More lines than this are folded away. */
const shown = 8;

/** What a fleet is in for, for a comment that is read in a minute. */
export function inMarkdown(outlooks: readonly Outlook[]): string {
  const { totals, twins, groups, ...said } = reportOn(outlooks);
  const parts = [
    `### Fleet of ${counted(totals.hosts, "host")}`,
    table({
      "with changes": totals.withChanges, "to reboot": totals.toReboot, blocked: totals.blocked, away: totals.away,
      "in maintenance": totals.inMaintenance, "not known yet": totals.notKnownYet, "as declared": totals.asDeclared,
    }),
    section("One machine under several names", twins.map(({ hosts, identity }) => ({ hosts, says: `${identity}. Keep one of the names.` }))),
    section("Blocked", said.blocked),
    section("Away", said.away),
    ...groups.map(group),
    section("Not known yet", said.notKnownYet),
    section("In maintenance", said.inMaintenance),
    section("Worth knowing", [...said.adopted, ...said.notes]),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function section(title: string, sayings: readonly Saying[]): string {
  if (sayings.length === 0) return "";
  const lines = sayings.map(({ hosts, says }) => `- \`${names(hosts)}\`: ${inline(says)}`);
  return [`#### ${title}`, lines.length > shown ? folded(counted(lines.length, "line"), lines) : lines.join("\n")].join("\n\n");
}

function group(one: Group): string {
  const { hosts, lines } = one;
  const steps = lines.map(({ does, because }, i) => `${i + 1}. ${inline(does)}: ${inline(because)}`);
  const title = hosts.length === 1 ? `\`${hosts[0]}\`` : counted(hosts.length, "host");
  return [
    `#### ${title}: ${stepsInWords(one)}`,
    ...(hosts.length === 1 ? [] : [`On \`${names(hosts)}\`:`]),
    steps.length > shown ? folded(counted(steps.length, "step"), steps) : steps.join("\n"),
  ].join("\n\n");
}
