import type { Step } from "../plan";
import type { HostPreview } from "../preview/host-preview";
import { byName, formatHosts, plural } from "./format";
import { commonText, groupAlike } from "./group-messages";
import type { HostChanges } from "./report";
import { createReport, hostChanges } from "./report";
import { stepLines } from "./steps";
import { linesOnHosts, paragraphs } from "./text";

/** In what a host differs from what is declared, sentence by sentence; what stands in the way of its repair is among it. */
export function differences({ changes, blockers }: HostChanges): string[] {
  const seen = stepLines(changes.filter((step) => !isConsequence(step, changes)));
  const ofTheHost = new Set(seen.flatMap(({ subject, reason }) => (subject ? [] : [reason])));
  const told = seen.flatMap(({ subject, reason }) => {
    if (!subject || reason.includes(subject) || reason.startsWith("the ")) return [reason];
    return ofTheHost.has(reason) ? [] : [`${subject}: ${reason}`];
  });
  return [...new Set([...told, ...blockers.map(({ reason: what }) => what)])];
}

/** The reboot behind an installation belongs to it: the host does not differ in that. */
const isConsequence = ({ command, requiresReboot }: Step, all: readonly Step[]): boolean =>
  (command[0] === "mark_reboot" || requiresReboot === true) && all.some((step) => step.command[0] === "run_installer");

/** In what a fleet differs from what is declared, host by host; hosts that differ in the same way are told of once. */
export function driftText(outlooks: readonly HostPreview[]): string {
  const report = createReport(outlooks);
  const told = linesOnHosts(report);
  const seen = outlooks
    .filter((one) => one.status === "reachable")
    .map((one) => ({ host: one.host, texts: differences(hostChanges(one)) }));
  const differing = seen.filter(({ texts }) => texts.length > 0).sort((a, b) => byName(a.host, b.host));
  const how = differing.length
    ? `${differing.length} differ${differing.length === 1 ? "s" : ""} from what is declared`
    : "no differences";
  const parts = [
    [`${plural(report.totals.hosts, "host")}: ${how}.`],
    ...groupAlike(differing, ({ texts }) => texts).map((alike) => [
      `${formatHosts(alike.map(({ host }) => host))}:`,
      ...alike[0].texts.map((_, i) => `  - ${commonText(alike.map(({ texts }) => texts[i]!))}`),
    ]),
    told.twins,
    told.away,
    told.inMaintenance,
    report.notes.map(({ hosts, message }) => `${formatHosts(hosts)}: ${message}`),
  ];
  return paragraphs(parts);
}
