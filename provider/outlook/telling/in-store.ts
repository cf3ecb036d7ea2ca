import { unblocked, type Blocker, type Note, type Step } from "../../plan";
import type { SeenHost } from "../outlook";

/** What a host is in for, by what it is for people. */
export interface InStore {
  host: string;
  /** What `up` would do there, as far as nothing stands in its way. */
  changes: Step[];
  /** Writing down whose something is changes nothing. */
  adoptions: Step[];
  blockers: Blocker[];
  notes: Note[];
}

export function inStore({ host, plan }: SeenHost): InStore {
  const steps = unblocked(plan);
  return { host, changes: steps.filter((step) => !adopts(step)), adoptions: steps.filter(adopts), blockers: plan.blockers, notes: plan.notes };
}

const adopts = ({ run }: Step): boolean => run[0] === "adopt_vgpu";
