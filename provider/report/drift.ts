import { plural } from "../model/text";
import type { Step } from "../plan";
import { stepLines } from "../plan/step-lines";
import type { HostPreview } from "../preview/host-preview";
import { byName, formatHosts } from "./format";
import { groupHosts } from "./group-messages";
import type { HostChanges } from "./host-changes";
import { hostChanges } from "./host-changes";
import { createReport, formatCounts } from "./report";
import { paragraphs, specialHosts } from "./text";

/** Returns how a host differs from its declaration, one sentence for each difference. Includes what blocks the repair. */
export function differences({ changes, blockers }: HostChanges): string[] {
  const lines = stepLines(changes.filter((step) => !isConsequence(step, changes)));
  const hostReasons = new Set(lines.flatMap(({ subject, reason }) => (subject ? [] : [reason])));
  const sentences = lines.flatMap(({ subject, reason }) => {
    if (!subject || reason.includes(subject) || reason.startsWith("the ")) return [reason];
    return hostReasons.has(reason) ? [] : [`${subject}: ${reason}`];
  });
  return [...new Set([...sentences, ...blockers.map(({ reason }) => reason)])];
}

/** A reboot after an installation is not a difference of its own. */
const isConsequence = ({ command, requiresReboot }: Step, all: readonly Step[]): boolean =>
  (command[0] === "mark_reboot" || requiresReboot === true) && all.some((step) => step.command[0] === "run_installer");

/** Returns the drift of a fleet by host. Hosts with the same drift are one group. */
export function driftText(previews: readonly HostPreview[]): string {
  const report = createReport(previews);
  const special = specialHosts(report);
  const drifted = previews
    .filter((preview) => preview.status === "reachable")
    .map((preview) => ({ host: preview.host, differences: differences(hostChanges(preview)) }))
    .filter((host) => host.differences.length > 0)
    .sort((a, b) => byName(a.host, b.host));
  const verb = drifted.length === 1 ? "differs" : "differ";
  // Hosts that differ are those with changes or blockers.
  const others = formatCounts(report.totals, ["withChanges", "toReboot", "blocked"]);
  const counts = [drifted.length > 0 ? `${drifted.length} ${verb} from the declaration` : "", others].filter(Boolean);
  const summary = report.totals.inSync === report.totals.hosts ? "no differences" : counts.join(", ");
  return paragraphs([
    [`${plural(report.totals.hosts, "host")}: ${summary}.`],
    ...groupHosts(drifted, (host) => host.differences).map(({ hosts, texts }) => [
      `${formatHosts(hosts)}:`,
      ...texts.map((text) => `  - ${text}`),
    ]),
    special.duplicates,
    special.unreachable,
    special.inMaintenance,
    report.notes.map(({ hosts, message }) => `${formatHosts(hosts)}: ${message}`),
  ]);
}
