import { sentence } from "../model/text";
import type { Blocker, Note, Step } from "../plan";
import { unblockedSteps } from "../plan";
import type { HostPreview, PlannedHost } from "../preview/host-preview";
import type { DuplicateHosts } from "./duplicate-hosts";
import { duplicateHosts } from "./duplicate-hosts";
import { byName, plural } from "./format";
import type { HostMessage } from "./group-messages";
import { groupMessages } from "./group-messages";
import type { HostGroup } from "./steps";
import { groupByPlan } from "./steps";

/** What a host is in for, by what it is for people. */
export interface HostChanges {
  host: string;
  /** What `up` would do there, as far as nothing stands in its way. */
  changes: Step[];
  /** Writing down whose something is changes nothing. */
  adoptions: Step[];
  blockers: Blocker[];
  notes: Note[];
}

export function hostChanges({ host, plan }: PlannedHost): HostChanges {
  const steps = unblockedSteps(plan);
  return {
    host,
    changes: steps.filter((step) => !isAdoption(step)),
    adoptions: steps.filter(isAdoption),
    blockers: plan.blockers,
    notes: plan.notes,
  };
}

const isAdoption = ({ command }: Step): boolean => command[0] === "adopt_vgpu";

/** In hosts, but for the vGPUs. A host may be blocked in one thing and change in another. */
export interface Totals {
  hosts: number;
  inSync: number;
  withChanges: number;
  toReboot: number;
  blocked: number;
  unreachable: number;
  inMaintenance: number;
  pending: number;
  vgpusToAdopt: number;
}

export function totalsOf(outlooks: readonly HostPreview[]): Totals {
  const seen = outlooks.filter((one) => one.status === "reachable").map(hostChanges);
  const count = (status: HostPreview["status"]) => outlooks.filter((one) => one.status === status).length;
  return {
    hosts: outlooks.length,
    inSync: seen.filter(({ changes, blockers }) => changes.length + blockers.length === 0).length,
    withChanges: seen.filter(({ changes }) => changes.length > 0).length,
    toReboot: seen.filter(({ changes }) => changes.some(({ requiresReboot }) => requiresReboot)).length,
    blocked: seen.filter(({ blockers }) => blockers.length > 0).length,
    unreachable: count("unreachable"),
    inMaintenance: count("maintenance"),
    pending: count("pending"),
    vgpusToAdopt: seen.reduce((sum, { adoptions }) => sum + adoptions.length, 0),
  };
}

const totalLabels: [keyof Totals, string][] = [
  ["withChanges", "with changes"],
  ["toReboot", "to reboot"],
  ["blocked", "blocked"],
  ["unreachable", "unreachable"],
  ["pending", "not known yet"],
  ["inMaintenance", "in maintenance"],
  ["inSync", "as declared"],
];

/** `Fleet of 40 hosts: 38 with changes, 38 to reboot, 1 blocked, 1 in maintenance.` */
export function headline(totals: Totals): string {
  const told = totalLabels.flatMap(([what, words]) => (totals[what] ? [`${totals[what]} ${words}`] : []));
  const words = totals.inSync === totals.hosts ? ["all as declared"] : told;
  return `Fleet of ${plural(totals.hosts, "host")}: ${words.join(", ")}.`;
}

/** What is to be told of a fleet, in the order in which people want to know it. */
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

export function createReport(outlooks: readonly HostPreview[]): Report {
  const sorted = [...outlooks].sort((a, b) => byName(a.host, b.host));
  const seen = sorted.filter((one) => one.status === "reachable").map(hostChanges);
  return {
    totals: totalsOf(sorted),
    duplicateHosts: duplicateHosts(sorted),
    groups: groupByPlan(seen),
    blocked: groupMessages(seen, ({ blockers }) =>
      blockers.map(({ reason: what, hint }) => [what, hint].filter(Boolean).map(sentence).join(" ")),
    ),
    unreachable: groupMessages(sorted, (one) => (one.status === "unreachable" ? [sentence(one.reason)] : [])),
    pending: groupMessages(sorted, (one) =>
      one.status === "pending" ? [`its ${one.waitingFor} is not known yet.`] : [],
    ),
    inMaintenance: groupMessages(sorted, (one) => (one.status === "maintenance" ? [one.reason] : [])),
    adopted: groupMessages(seen, ({ adoptions }) =>
      adoptions.length ? [`${plural(adoptions.length, "vGPU")} adopted.`] : [],
    ),
    notes: groupMessages(seen, ({ notes }) => notes.map(({ message }) => sentence(message))),
  };
}

/** Something keeps the fleet from becoming what it is declared to be. */
export const isBlocked = ({ totals: { blocked, unreachable }, duplicateHosts: found }: Report): boolean =>
  blocked + unreachable + found.length > 0;
