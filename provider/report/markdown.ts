import type { HostPreview } from "../preview/host-preview";
import { details, escapeMarkdown, formatHosts, plural, table } from "./format";
import type { HostMessage } from "./group-messages";
import { createReport } from "./report";
import type { HostGroup } from "./steps";
import { formatGroup } from "./steps";

/** More lines than this are folded away. */
const maxUnfoldedLines = 8;

/** What a fleet is in for, for a comment that is read in a minute. */
export function previewMarkdown(outlooks: readonly HostPreview[]): string {
  const { totals, duplicateHosts, groups, ...said } = createReport(outlooks);
  const parts = [
    `### Fleet of ${plural(totals.hosts, "host")}`,
    table({
      "with changes": totals.withChanges,
      "to reboot": totals.toReboot,
      blocked: totals.blocked,
      unreachable: totals.unreachable,
      "in maintenance": totals.inMaintenance,
      "not known yet": totals.pending,
      "as declared": totals.inSync,
    }),
    section(
      "One machine under several names",
      duplicateHosts.map(({ hosts, identity }) => ({ hosts, message: `${identity}. Keep one of the names.` })),
    ),
    section("Blocked", said.blocked),
    section("Away", said.unreachable),
    ...groups.map(groupMarkdown),
    section("Not known yet", said.pending),
    section("In maintenance", said.inMaintenance),
    section("Worth knowing", [...said.adopted, ...said.notes]),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function section(title: string, sayings: readonly HostMessage[]): string {
  if (sayings.length === 0) return "";
  const lines = sayings.map(({ hosts, message }) => `- \`${formatHosts(hosts)}\`: ${escapeMarkdown(message)}`);
  return [
    `#### ${title}`,
    lines.length > maxUnfoldedLines ? details(plural(lines.length, "line"), lines) : lines.join("\n"),
  ].join("\n\n");
}

function groupMarkdown(one: HostGroup): string {
  const { hosts, lines } = one;
  const steps = lines.map(({ title, reason }, i) => `${i + 1}. ${escapeMarkdown(title)}: ${escapeMarkdown(reason)}`);
  const title = hosts.length === 1 ? `\`${hosts[0]}\`` : plural(hosts.length, "host");
  return [
    `#### ${title}: ${formatGroup(one)}`,
    ...(hosts.length === 1 ? [] : [`On \`${formatHosts(hosts)}\`:`]),
    steps.length > maxUnfoldedLines ? details(plural(steps.length, "step"), steps) : steps.join("\n"),
  ].join("\n\n");
}
