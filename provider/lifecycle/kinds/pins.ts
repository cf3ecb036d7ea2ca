import { isDeepStrictEqual } from "node:util";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuSelector } from "../../model/gpu-selector";
import type { Pin } from "../../plan";
import { findPinnedGpu } from "../../plan/gpu/find";
import type { State } from "../state";

/** The GPU that each selector of a resource has found. Internal, so not compared. */
export const pinsKey = "__pins";

export const pinsOf = ({ [pinsKey]: pins }: State): Pin[] => (pins ?? []) as Pin[];

/** Returns the pins for the next state. A GPU is pinned when what is declared of it is done. */
export function pinsAfter(
  selectors: readonly GpuSelector[],
  pins: readonly Pin[],
  facts: HostFacts,
  isDone: (gpu: Gpu) => boolean,
): Pin[] {
  return selectors.flatMap((selector) => {
    const pin = pins.find((one) => isDeepStrictEqual(one.selector, selector));
    const found = findPinnedGpu(selector, pin, facts.gpus);
    if ("reason" in found || !isDone(found)) return pin ?? [];
    return {
      uuid: found.uuid ?? (found.address === pin?.address ? pin.uuid : undefined),
      address: found.address,
      selector,
    };
  });
}
