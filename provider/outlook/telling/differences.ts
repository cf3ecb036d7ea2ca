import type { Step } from "../../plan";
import { linesOf } from "./condensed";
import type { InStore } from "./in-store";

/** In what a host differs from what is declared, sentence by sentence; what stands in the way of its repair is among it. */
export function differences({ changes, blockers }: InStore): string[] {
  const seen = linesOf(changes.filter((step) => !isConsequence(step, changes)));
  const ofTheHost = new Set(seen.flatMap(({ about, because }) => (about ? [] : [because])));
  const told = seen.flatMap(({ about, because }) => {
    if (!about || because.includes(about) || because.startsWith("the ")) return [because];
    return ofTheHost.has(because) ? [] : [`${about}: ${because}`];
  });
  return [...new Set([...told, ...blockers.map(({ seen: what }) => what)])];
}

/** The reboot behind an installation belongs to it: the host does not differ in that. */
const isConsequence = ({ run, reboots }: Step, all: readonly Step[]): boolean =>
  (run[0] === "mark_reboot" || reboots === true) && all.some((step) => step.run[0] === "run_installer");
