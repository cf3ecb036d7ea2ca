import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { CardDesire, SriovDesire } from "../desire";
import { inOrder, nothing, type Plan } from "../plan";
import { chosenGpus } from "./chosen";
import { planDisabled } from "./disabled";
import { planEnabled, whyLeftOut } from "./enabled";
import { whyNotHere } from "./obstacles";
import { rivals } from "./rivals";
import { isReady } from "./vfs";

/** What is to be done so that GPUs have their virtual functions on, or off. `cards`: what is wanted on them in the same plan. */
export function planSriov(facts: HostFacts, desire: SriovDesire, cards: readonly CardDesire[] = []): Plan {
  return desire.state === "enabled" ? enabled(facts, desire) : disabled(facts, desire, cards);
}

function enabled(facts: HostFacts, desire: SriovDesire): Plan {
  const { gpus, unresolved } = chosenGpus(facts, desire);
  const missing = { ...nothing(), blockers: unresolved.map(({ ambiguous: _, ...one }) => ({ ...one, for: [desire.key] })) };
  const host = whyNotHere(facts, gpus);
  if (host) return { ...missing, blockers: [...missing.blockers, { ...host, for: [desire.key] }] };
  const one = desire.gpus === "all" ? enabledOrLeftOut : planEnabled;
  return oneAfterTheOther(inOrder([missing, ...gpus.map((gpu) => one(facts, gpu, desire)), rivals(facts, desire)]));
}

/** A GPU that is gone has no VFs on; one that cannot be told from another may. */
function disabled(facts: HostFacts, desire: SriovDesire, cards: readonly CardDesire[]): Plan {
  const { gpus, unresolved } = chosenGpus(facts, desire);
  const unclear = unresolved
    .filter(({ ambiguous }) => ambiguous)
    .map(({ ambiguous: _, ...one }) => ({ ...one, for: [desire.key] }));
  return oneAfterTheOther(inOrder([{ ...nothing(), blockers: unclear }, ...gpus.map((gpu) => planDisabled(facts, gpu, desire, cards))]));
}

function enabledOrLeftOut(facts: HostFacts, gpu: Gpu, desire: SriovDesire): Plan {
  const reason = isReady(gpu) ? null : whyLeftOut(facts, gpu, desire);
  if (!reason) return planEnabled(facts, gpu, desire);
  return { ...nothing(), notes: [{ says: `left out: ${reason.seen}`, device: gpu.address, for: [desire.key] }] };
}

/** Never two GPUs at once, and none after one that failed: what failed may be the driver's state. */
const oneAfterTheOther = (plan: Plan): Plan => ({
  ...plan,
  steps: plan.steps.map((step, i) => (i ? { ...step, after: [plan.steps[i - 1]!.id] } : step)),
});
