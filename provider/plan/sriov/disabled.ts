import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { CardDesire, SriovDesire } from "../desire";
import { gpuInWords } from "../in-words";
import type { Obstacle } from "../obstacle";
import { nothing, step, type Plan, type Step } from "../plan";
import { takesVfs } from "./carrier";
import { whyDriverNotUp, whyMigForbids, whyNotDriven } from "./driver-up";
import { bindPf, isStranded } from "./enabled";
import { whatStays } from "./in-the-way";
import { whyNoCycle } from "./obstacles";

/** No VF of one GPU on, and the GPU with its driver. */
export function planDisabled(facts: HostFacts, gpu: Gpu, desire: SriovDesire, cards: readonly CardDesire[]): Plan {
  const { key } = desire;
  const enabled = takesVfs(gpu) ? (gpu.sriov?.enabled ?? 0) : 0;
  const stranded = isStranded(gpu) && facts.driver.loaded !== null;
  if (!enabled && !stranded) return nothing();
  const obstacles = enabled ? whyNotNow(facts, gpu, desire, cards) : [];
  if (obstacles.length) return { ...nothing(), blockers: obstacles.map((one) => ({ ...one, for: [key] })) };
  return { ...nothing(), steps: [...(stranded ? [bindPf(gpu, key)] : []), ...(enabled ? [disable(gpu, enabled, key)] : [])] };
}

function whyNotNow(facts: HostFacts, gpu: Gpu, desire: SriovDesire, cards: readonly CardDesire[]): Obstacle[] {
  const never = whyDriverNotUp(facts) ?? whyNotDriven(gpu) ?? whyMigForbids(gpu);
  return never ? [never] : [...whyNoCycle(facts, gpu, desire), ...whatStays(facts, gpu, desire.claim, cards, "the virtual functions")];
}

const disable = (gpu: Gpu, enabled: number, key: string): Step =>
  step({
    does: `disable the virtual functions of ${gpuInWords(gpu)}`,
    because: `${enabled} VFs are on`,
    run: ["disable_vfs", gpu.address],
    device: gpu.address,
    for: [key],
    limitSeconds: 180,
    wipes: true,
  });
