import { plural } from "../model/text";
import type { HostPreview } from "../preview/host-preview";
import { details, escapeMarkdown, formatHosts, table } from "./format";
import type { HostMessage } from "./group-messages";
import { createReport } from "./report";
import type { HostGroup } from "./steps";
import { formatGroup } from "./steps";

/** Longer lists are collapsed. */
const maxUnfoldedLines = 8;

/** Returns the preview of a fleet as Markdown, for a pull-request comment. */
export function previewMarkdown(previews: readonly HostPreview[]): string {
  const { totals, duplicateHosts, groups, ...messages } = createReport(previews);
  const parts = [
    `### Fleet of ${plural(totals.hosts, "host")}`,
    table({
      "with changes": totals.withChanges,
      "to reboot": totals.toReboot,
      blocked: totals.blocked,
      ...(totals.duplicate > 0 && { "under a second name": totals.duplicate }),
      unreachable: totals.unreachable,
      "in maintenance": totals.inMaintenance,
      pending: totals.pending,
      ...(totals.partlyRead > 0 && { "not fully readable": totals.partlyRead }),
      "in sync": totals.inSync,
    }),
    section(
      "One machine under several names",
      duplicateHosts.map(({ hosts, identity }) => ({ hosts, message: `${identity}. Keep one of the names.` })),
    ),
    section("Blocked", messages.blocked),
    section("Unreachable", messages.unreachable),
    ...groups.map(groupMarkdown),
    section("Pending", messages.pending),
    section("In maintenance", messages.inMaintenance),
    section("Notes", [...messages.adopted, ...messages.notes]),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function section(title: string, messages: readonly HostMessage[]): string {
  if (messages.length === 0) return "";
  const lines = messages.map(({ hosts, message }) => `- \`${formatHosts(hosts)}\`: ${escapeMarkdown(message)}`);
  return [
    `#### ${title}`,
    lines.length > maxUnfoldedLines ? details(plural(lines.length, "line"), lines) : lines.join("\n"),
  ].join("\n\n");
}

function groupMarkdown(group: HostGroup): string {
  const { hosts, lines } = group;
  const steps = lines.map(({ title, reason }, i) => `${i + 1}. ${escapeMarkdown(title)}: ${escapeMarkdown(reason)}`);
  const title = hosts.length === 1 ? `\`${hosts[0]}\`` : plural(hosts.length, "host");
  return [
    `#### ${title}: ${formatGroup(group)}`,
    ...(hosts.length === 1 ? [] : [`On \`${formatHosts(hosts)}\`:`]),
    steps.length > maxUnfoldedLines ? details(plural(steps.length, "step"), steps) : steps.join("\n"),
  ].join("\n\n");
}
