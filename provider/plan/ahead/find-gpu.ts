import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuSelector } from "../../model/gpu-selector";
import { describeSelector } from "../../model/gpu-selector";
import type { Plan, VgpuGoal } from "..";
import { emptyPlan } from "..";
import { findPinnedGpu } from "../gpu/find";

/** Returns the GPU of a goal; undefined if it is unclear which. */
export function gpuOf({ gpus }: HostFacts, { gpu, pin }: Pick<VgpuGoal, "gpu" | "pin">): Gpu | undefined {
  const found = findPinnedGpu(gpu, pin, gpus);
  return "reason" in found ? undefined : found;
}

/** Without its driver, a GPU that no list of PCI ids has is without a name. It may be the one that the selector means. */
export const mayMatchUnnamedGpu = (facts: HostFacts, selector: GpuSelector): boolean =>
  "model" in selector &&
  gpuOf(facts, { gpu: selector }) === undefined &&
  facts.gpus.some(({ model }) => model === null);

export const unnamedGpuNote = ({ gpu, key }: Pick<VgpuGoal, "gpu" | "key">): Plan => ({
  ...emptyPlan(),
  notes: [
    {
      message: `which GPU is ${describeSelector(gpu)} is not known before the driver runs: this host has a GPU that is in no table`,
      requestedBy: [key],
    },
  ],
});
