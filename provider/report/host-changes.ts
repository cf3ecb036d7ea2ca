import type { Blocker, Note, Step } from "../plan";
import { unblockedSteps } from "../plan";
import type { PlannedHost } from "../preview/host-preview";

/** The plan of a host, by what matters in a report. */
export interface HostChanges {
  host: string;
  /** Steps of `up` that are not blocked. */
  changes: Step[];
  /** Steps that only write records of vGPUs. They change nothing. */
  adoptions: Step[];
  blockers: Blocker[];
  notes: Note[];
  isPartlyRead: boolean;
}

export function hostChanges({ host, plan, isPartlyRead = false }: PlannedHost): HostChanges {
  const steps = unblockedSteps(plan);
  return {
    host,
    changes: steps.filter((step) => !isAdoption(step)),
    adoptions: steps.filter(isAdoption),
    blockers: plan.blockers,
    notes: plan.notes,
    isPartlyRead,
  };
}

const isAdoption = ({ command }: Step): boolean => command[0] === "adopt_vgpu";
