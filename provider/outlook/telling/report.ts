import { sentence } from "../../model/sentence";
import type { Outlook } from "../outlook";
import { byName } from "./folded-names";
import { groupsOf, type Group } from "./groups";
import { inStore } from "./in-store";
import { counted } from "./in-words";
import { sayings, type Saying } from "./sayings";
import { totalsOf, type Totals } from "./totals";
import { twins, type Twins } from "./twins";

/** What is to be told of a fleet, in the order in which people want to know it. */
export interface Report {
  totals: Totals;
  twins: Twins[];
  groups: Group[];
  blocked: Saying[];
  away: Saying[];
  notKnownYet: Saying[];
  inMaintenance: Saying[];
  adopted: Saying[];
  notes: Saying[];
}

export function reportOn(outlooks: readonly Outlook[]): Report {
  const sorted = [...outlooks].sort((a, b) => byName(a.host, b.host));
  const seen = sorted.filter((one) => one.is === "seen").map(inStore);
  return {
    totals: totalsOf(sorted),
    twins: twins(sorted),
    groups: groupsOf(seen),
    blocked: sayings(seen, ({ blockers }) => blockers.map(({ seen: what, next }) => [what, next].filter(Boolean).map(sentence).join(" "))),
    away: sayings(sorted, (one) => (one.is === "away" ? [sentence(one.because)] : [])),
    notKnownYet: sayings(sorted, (one) => (one.is === "unknown" ? [`its ${one.waitsFor} is not known yet.`] : [])),
    inMaintenance: sayings(sorted, (one) => (one.is === "in maintenance" ? [one.because] : [])),
    adopted: sayings(seen, ({ adoptions }) => (adoptions.length ? [`${counted(adoptions.length, "vGPU")} adopted.`] : [])),
    notes: sayings(seen, ({ notes }) => notes.map(({ says }) => sentence(says))),
  };
}

/** Something keeps the fleet from becoming what it is declared to be. */
export const isBlocked = ({ totals: { blocked, away }, twins: found }: Report): boolean => blocked + away + found.length > 0;
