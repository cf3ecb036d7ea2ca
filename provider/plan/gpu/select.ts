import { isDeepStrictEqual } from "node:util";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { SriovGoal } from "../goal";
import type { Unresolved } from "./find";
import { findPinnedGpu } from "./pin";

export interface Selection {
  gpus: Gpu[];
  unresolved: Unresolved[];
}

/** The GPUs that a goal is about, each once, in the order of their naming. */
export function selectGpus(
  { gpus }: HostFacts,
  { gpus: wanted, pins = [] }: Pick<SriovGoal, "gpus" | "pins">,
): Selection {
  if (wanted === "all") return { gpus, unresolved: [] };
  const found = new Set<Gpu>();
  const unresolved: Selection["unresolved"] = [];
  for (const selector of wanted) {
    const gpu = findPinnedGpu(
      selector,
      pins.find((pin) => isDeepStrictEqual(pin.selector, selector)),
      gpus,
    );
    if ("reason" in gpu) unresolved.push(gpu);
    else found.add(gpu);
  }
  return { gpus: [...found], unresolved };
}
