import { isUserError } from "../model/errors";
import type { Gpu } from "../model/facts/gpu";
import { describe, resolveGpu, type GpuSelector } from "../model/gpu-selector";
import type { Obstacle } from "./obstacle";

/** A selector of which no GPU can be told. */
export interface Unresolved extends Obstacle {
  /** There may be one all the same. */
  ambiguous: boolean;
}

/** The GPU that is meant, or why it cannot be told. */
export function lookUp(selector: GpuSelector, gpus: Gpu[]): Gpu | Unresolved {
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
