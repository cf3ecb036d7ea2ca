import { isUserError } from "../../model/errors";
import type { Gpu } from "../../model/facts/gpu";
import type { GpuSelector } from "../../model/gpu-selector";
import { describeSelector, resolveGpu } from "../../model/gpu-selector";
import type { BlockerReason } from "../plan";

/** A selector of which no GPU can be told. */
export interface Unresolved extends BlockerReason {
  /** There may be one all the same. */
  ambiguous: boolean;
}

/** The GPU that is meant, or why it cannot be told. */
export function findGpu(selector: GpuSelector, gpus: Gpu[]): Gpu | Unresolved {
  try {
    return resolveGpu(selector, gpus);
  } catch (error) {
    if (!isUserError(error)) throw error;
    const { cause, hint } = error.details;
    const ambiguous = hint !== undefined;
    const what = ambiguous
      ? `it cannot be told which GPU is ${describeSelector(selector)}`
      : `there is no GPU ${describeSelector(selector)}`;
    return { reason: `${what}: ${cause}`, hint: hint ?? "Name one that is there", ambiguous };
  }
}
