import type { HostFacts } from "../model/facts/host-facts";
import type { Goal, Plan } from ".";
import { plan } from ".";
import { canCompareVgpus, factsToShow, readingNotes } from "./without-root";

/**
 * Plans goals for a report: facts that only root can read are neither a difference nor a blocker there, and are named in a note. What is
 * applied is planned by `plan`, which refuses where such a fact matters.
 */
export function planToShow(facts: HostFacts, goals: readonly Goal[]): Plan {
  const isCompared = ({ kind }: Goal) => kind !== "vgpus" || canCompareVgpus(facts);
  const shown = plan(factsToShow(facts), goals.filter(isCompared));
  const keys = goals.map(({ key }) => key);
  return { ...shown, notes: [...shown.notes, ...readingNotes(facts, keys, !goals.every(isCompared))] };
}
