import { plural, sentence } from "../model/text";
import type { HostPreview } from "../preview/host-preview";
import type { DuplicateHosts } from "./duplicate-hosts";
import { duplicateHosts } from "./duplicate-hosts";
import { byName } from "./format";
import type { HostMessage } from "./group-messages";
import { groupMessages } from "./group-messages";
import { hostChanges } from "./host-changes";
import type { HostGroup } from "./steps";
import { groupByPlan } from "./steps";

/** Numbers of hosts, except `vgpusToAdopt`. A host may be both blocked and with changes. */
export interface Totals {
  hosts: number;
  inSync: number;
  withChanges: number;
  toReboot: number;
  blocked: number;
  unreachable: number;
  inMaintenance: number;
  pending: number;
  /** Without a difference in what could be read. */
  partlyRead: number;
  vgpusToAdopt: number;
}

export function totalsOf(previews: readonly HostPreview[]): Totals {
  const reachable = previews.filter((one) => one.status === "reachable").map(hostChanges);
  const unchanged = reachable.filter(({ changes, blockers }) => changes.length + blockers.length === 0);
  const count = (status: HostPreview["status"]) => previews.filter((one) => one.status === status).length;
  return {
    hosts: previews.length,
    inSync: unchanged.filter(({ isPartlyRead }) => !isPartlyRead).length,
    withChanges: reachable.filter(({ changes }) => changes.length > 0).length,
    toReboot: reachable.filter(({ changes }) => changes.some(({ requiresReboot }) => requiresReboot)).length,
    blocked: reachable.filter(({ blockers }) => blockers.length > 0).length,
    unreachable: count("unreachable"),
    inMaintenance: count("maintenance"),
    pending: count("pending"),
    partlyRead: unchanged.filter(({ isPartlyRead }) => isPartlyRead).length,
    vgpusToAdopt: reachable.reduce((sum, { adoptions }) => sum + adoptions.length, 0),
  };
}

const totalLabels: [keyof Totals, string][] = [
  ["withChanges", "with changes"],
  ["toReboot", "to reboot"],
  ["blocked", "blocked"],
  ["unreachable", "unreachable"],
  ["pending", "pending"],
  ["inMaintenance", "in maintenance"],
  ["partlyRead", "not fully readable"],
  ["inSync", "in sync"],
];

/** `Fleet of 40 hosts: 38 with changes, 38 to reboot, 1 blocked, 1 in maintenance.` */
export function headline(totals: Totals): string {
  const counts = totalLabels.flatMap(([total, label]) => (totals[total] ? [`${totals[total]} ${label}`] : []));
  const summary = totals.inSync === totals.hosts ? ["all in sync"] : counts;
  return `Fleet of ${plural(totals.hosts, "host")}: ${summary.join(", ")}.`;
}

/** All parts of the report on a fleet. */
export interface Report {
  totals: Totals;
  duplicateHosts: DuplicateHosts[];
  groups: HostGroup[];
  blocked: HostMessage[];
  unreachable: HostMessage[];
  pending: HostMessage[];
  inMaintenance: HostMessage[];
  adopted: HostMessage[];
  notes: HostMessage[];
}

export function createReport(previews: readonly HostPreview[]): Report {
  const sorted = [...previews].sort((a, b) => byName(a.host, b.host));
  const reachable = sorted.filter((one) => one.status === "reachable").map(hostChanges);
  return {
    totals: totalsOf(sorted),
    duplicateHosts: duplicateHosts(sorted),
    groups: groupByPlan(reachable),
    blocked: groupMessages(reachable, ({ blockers }) =>
      blockers.map(({ reason, hint }) => [reason, hint].filter(Boolean).map(sentence).join(" ")),
    ),
    unreachable: groupMessages(sorted, (one) => (one.status === "unreachable" ? [sentence(one.reason)] : [])),
    pending: groupMessages(sorted, (one) =>
      one.status === "pending" ? [`waits for the ${one.waitingFor}, which is not known yet.`] : [],
    ),
    inMaintenance: groupMessages(sorted, (one) => (one.status === "maintenance" ? [one.reason] : [])),
    adopted: groupMessages(reachable, ({ adoptions }) =>
      adoptions.length ? [`${plural(adoptions.length, "vGPU")} adopted.`] : [],
    ),
    notes: groupMessages(reachable, ({ notes }) => notes.map(({ message }) => sentence(message))),
  };
}

/** Returns whether `up` cannot bring the whole fleet in sync. */
export const isBlocked = ({ totals: { blocked, unreachable }, duplicateHosts: found }: Report): boolean =>
  blocked + unreachable + found.length > 0;
