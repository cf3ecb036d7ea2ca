import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { describe, resolveGpu, type GpuSelector } from "../../model/gpu-selector";
import { isUserError } from "../../model/errors";
import type { SriovDesire } from "../desire";
import type { Obstacle } from "../obstacle";

export interface Chosen {
  gpus: Gpu[];
  /** Selectors that point at no GPU, or at several. */
  unresolved: (Obstacle & { ambiguous: boolean })[];
}

/** The GPUs that a desire is about, each once, in the order of their naming. */
export function chosenGpus({ gpus }: HostFacts, wanted: SriovDesire["gpus"]): Chosen {
  if (wanted === "all") return { gpus, unresolved: [] };
  const found = new Set<Gpu>();
  const unresolved: Chosen["unresolved"] = [];
  for (const selector of wanted) {
    const gpu = lookUp(selector, gpus);
    if ("seen" in gpu) unresolved.push(gpu);
    else found.add(gpu);
  }
  return { gpus: [...found], unresolved };
}

/** The GPU that is meant, or why it cannot be told. */
export function lookUp(selector: GpuSelector, gpus: Gpu[]): Gpu | (Obstacle & { ambiguous: boolean }) {
  try {
    return resolveGpu(selector, gpus);
  } catch (error) {
    if (!isUserError(error)) throw error;
    const { seen, next } = error.trouble;
    const ambiguous = next !== undefined;
    const what = ambiguous ? `it cannot be told which GPU is ${describe(selector)}` : `there is no GPU ${describe(selector)}`;
    return { seen: `${what}: ${seen}`, next: next ?? "Name one that is there", ambiguous };
  }
}
