import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { emptyPlan, mergePlans, sequential } from "../builder";
import type { SriovGoal, VgpuGoal } from "../goal";
import { selectGpus } from "../gpu/select";
import { isReady } from "../gpu/vfs";
import type { Plan } from "../plan";
import { hostBlockers } from "./blockers";
import { planDisabled } from "./disabled";
import { planEnabled, skippedNotes } from "./enabled";
import { competingUnits } from "./rivals";

/** What is to be done so that GPUs have their virtual functions on, or off. `cards`: what is wanted on them in the same plan. */
export function planSriov(facts: HostFacts, goal: SriovGoal, cards: readonly VgpuGoal[] = []): Plan {
  return goal.state === "enabled" ? enabled(facts, goal) : disabled(facts, goal, cards);
}

function enabled(facts: HostFacts, goal: SriovGoal): Plan {
  const { gpus, unresolved } = selectGpus(facts, goal);
  const missing = {
    ...emptyPlan(),
    blockers: unresolved.map(({ ambiguous: _, ...one }) => ({ ...one, requestedBy: [goal.key] })),
  };
  const host = hostBlockers(facts, gpus);
  if (host) return { ...missing, blockers: [...missing.blockers, { ...host, requestedBy: [goal.key] }] };
  const one = goal.gpus === "all" ? enabledOrLeftOut : planEnabled;
  return sequential(mergePlans(missing, ...gpus.map((gpu) => one(facts, gpu, goal)), competingUnits(facts, goal)));
}

/** A GPU that is gone has no VFs on; one that cannot be told from another may. */
function disabled(facts: HostFacts, goal: SriovGoal, cards: readonly VgpuGoal[]): Plan {
  const { gpus, unresolved } = selectGpus(facts, goal);
  const unclear = unresolved
    .filter(({ ambiguous }) => ambiguous)
    .map(({ ambiguous: _, ...one }) => ({ ...one, requestedBy: [goal.key] }));
  return sequential(
    mergePlans({ ...emptyPlan(), blockers: unclear }, ...gpus.map((gpu) => planDisabled(facts, gpu, goal, cards))),
  );
}

function enabledOrLeftOut(facts: HostFacts, gpu: Gpu, goal: SriovGoal): Plan {
  const reason = isReady(gpu) ? null : skippedNotes(facts, gpu, goal);
  if (!reason) return planEnabled(facts, gpu, goal);
  return {
    ...emptyPlan(),
    notes: [{ message: `left out: ${reason.reason}`, device: gpu.address, requestedBy: [goal.key] }],
  };
}
