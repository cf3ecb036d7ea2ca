import { plural, sentence } from "../model/text";
import type { HostPreview, RegisteredHost } from "../preview/host-preview";
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
  /** Hosts that are one machine with another. They are not in sync, whatever they have. */
  duplicate: number;
  failed: number;
  waiting: number;
  inMaintenance: number;
  pending: number;
  /** Without a difference in what could be read. */
  partlyRead: number;
  vgpusToAdopt: number;
}

export type ReportedHost = HostPreview | RegisteredHost;

export function totalsOf(previews: readonly ReportedHost[]): Totals {
  const reachable = previews.filter((one) => one.status === "reachable").map(hostChanges);
  const count = (...statuses: ReportedHost["status"][]) =>
    previews.filter(({ status }) => statuses.includes(status)).length;
  const duplicates = new Set(duplicateHosts(previews).flatMap(({ hosts }) => hosts));
  const unchanged = reachable.filter(({ changes, blockers }) => changes.length + blockers.length === 0);
  const inSync = [
    ...unchanged.filter(({ isPartlyRead }) => !isPartlyRead),
    ...previews.filter(({ status }) => status === "inSync"),
  ];
  return {
    hosts: previews.length,
    inSync: inSync.filter(({ host }) => !duplicates.has(host)).length,
    withChanges: reachable.filter(({ changes }) => changes.length > 0).length + count("changing"),
    toReboot: reachable.filter(({ changes }) => changes.some(({ requiresReboot }) => requiresReboot)).length,
    blocked: reachable.filter(({ blockers }) => blockers.length > 0).length + count("blocked"),
    unreachable: count("unreachable", "unread"),
    duplicate: duplicates.size,
    failed: count("failed"),
    waiting: count("waiting"),
    inMaintenance: count("maintenance"),
    pending: count("pending"),
    partlyRead: unchanged.filter(({ isPartlyRead }) => isPartlyRead).length,
    vgpusToAdopt: reachable.reduce((sum, { adoptions }) => sum + adoptions.length, 0),
  };
}

const totalLabels: [keyof Totals, string][] = [
  ["withChanges", "with changes"],
  ["toReboot", "to reboot"],
  ["failed", "failed"],
  ["blocked", "blocked"],
  ["unreachable", "unreachable"],
  ["duplicate", "under a second name"],
  ["waiting", "waiting"],
  ["pending", "pending"],
  ["inMaintenance", "in maintenance"],
  ["partlyRead", "not fully readable"],
  ["inSync", "in sync"],
];

/** `Fleet of 40 hosts: 38 with changes, 38 to reboot, 1 blocked, 1 in maintenance.` */
export function headline(totals: Totals): string {
  const summary = totals.inSync === totals.hosts ? "all in sync" : formatCounts(totals);
  return `Fleet of ${plural(totals.hosts, "host")}: ${summary}.`;
}

/** `18 unreachable, 282 in sync`, without some of the totals. */
export const formatCounts = (totals: Totals, without: readonly (keyof Totals)[] = []): string =>
  totalLabels
    .flatMap(([total, label]) => (totals[total] && !without.includes(total) ? [`${totals[total]} ${label}`] : []))
    .join(", ");

/** All parts of the report on a fleet. */
export interface Report {
  totals: Totals;
  duplicateHosts: DuplicateHosts[];
  groups: HostGroup[];
  failed: HostMessage[];
  blocked: HostMessage[];
  unreachable: HostMessage[];
  waiting: HostMessage[];
  pending: HostMessage[];
  inMaintenance: HostMessage[];
  adopted: HostMessage[];
  notes: HostMessage[];
}

export function createReport(previews: readonly ReportedHost[]): Report {
  const sorted = [...previews].sort((a, b) => byName(a.host, b.host));
  const reachable = sorted.filter((one) => one.status === "reachable").map(hostChanges);
  return {
    totals: totalsOf(sorted),
    duplicateHosts: duplicateHosts(sorted),
    groups: groupByPlan(reachable),
    failed: namesOf(sorted, "failed"),
    blocked: [
      ...groupMessages(reachable, ({ blockers }) =>
        blockers.map(({ reason, hint }) => [reason, hint].filter(Boolean).map(sentence).join(" ")),
      ),
      ...namesOf(sorted, "blocked"),
    ],
    unreachable: [
      ...groupMessages(sorted, (one) => (one.status === "unreachable" ? [sentence(one.reason)] : [])),
      ...namesOf(sorted, "unread"),
    ],
    waiting: groupMessages(sorted, (one) => (one.status === "waiting" ? [`waits for ${one.waitingFor}.`] : [])),
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

/** Returns the hosts of which a message of their own has the reason. */
function namesOf(sorted: readonly ReportedHost[], status: ReportedHost["status"]): HostMessage[] {
  const hosts = sorted.filter((one) => one.status === status).map(({ host }) => host);
  return hosts.length > 0 ? [{ hosts, message: "" }] : [];
}

/** Returns whether `up` cannot bring the whole fleet in sync. */
export const isBlocked = ({ totals }: Report): boolean =>
  totals.failed + totals.blocked + totals.unreachable + totals.waiting + totals.duplicate > 0;
