import { isDeepStrictEqual } from "node:util";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { SriovDesire } from "../desire";
import type { Unresolved } from "../look-up";
import { lookUpPinned } from "../pinned";

export interface Chosen {
  gpus: Gpu[];
  unresolved: Unresolved[];
}

/** The GPUs that a desire is about, each once, in the order of their naming. */
export function chosenGpus({ gpus }: HostFacts, { gpus: wanted, pins = [] }: Pick<SriovDesire, "gpus" | "pins">): Chosen {
  if (wanted === "all") return { gpus, unresolved: [] };
  const found = new Set<Gpu>();
  const unresolved: Chosen["unresolved"] = [];
  for (const selector of wanted) {
    const gpu = lookUpPinned(selector, pins.find((pin) => isDeepStrictEqual(pin.selector, selector)), gpus);
    if ("seen" in gpu) unresolved.push(gpu);
    else found.add(gpu);
  }
  return { gpus: [...found], unresolved };
}
