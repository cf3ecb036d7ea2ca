import type { Outlook } from "../outlook";
import { inStore } from "./in-store";
import { counted } from "./in-words";

/** In hosts, but for the vGPUs. A host may be blocked in one thing and change in another. */
export interface Totals {
  hosts: number;
  asDeclared: number;
  withChanges: number;
  toReboot: number;
  blocked: number;
  away: number;
  inMaintenance: number;
  notKnownYet: number;
  vgpusToAdopt: number;
}

export function totalsOf(outlooks: readonly Outlook[]): Totals {
  const seen = outlooks.filter((one) => one.is === "seen").map(inStore);
  const count = (is: Outlook["is"]) => outlooks.filter((one) => one.is === is).length;
  return {
    hosts: outlooks.length,
    asDeclared: seen.filter(({ changes, blockers }) => changes.length + blockers.length === 0).length,
    withChanges: seen.filter(({ changes }) => changes.length > 0).length,
    toReboot: seen.filter(({ changes }) => changes.some(({ reboots }) => reboots)).length,
    blocked: seen.filter(({ blockers }) => blockers.length > 0).length,
    away: count("away"),
    inMaintenance: count("in maintenance"),
    notKnownYet: count("unknown"),
    vgpusToAdopt: seen.reduce((sum, { adoptions }) => sum + adoptions.length, 0),
  };
}

const inWords: [keyof Totals, string][] = [
  ["withChanges", "with changes"], ["toReboot", "to reboot"], ["blocked", "blocked"], ["away", "away"], ["notKnownYet", "not known yet"],
  ["inMaintenance", "in maintenance"], ["asDeclared", "as declared"],
];

/** `Fleet of 40 hosts: 38 with changes, 38 to reboot, 1 blocked, 1 in maintenance.` */
export function headline(totals: Totals): string {
  const told = inWords.flatMap(([what, words]) => (totals[what] ? [`${totals[what]} ${words}`] : []));
  const words = totals.asDeclared === totals.hosts ? ["all as declared"] : told;
  return `Fleet of ${counted(totals.hosts, "host")}: ${words.join(", ")}.`;
}
