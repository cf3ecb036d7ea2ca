import { isDeepStrictEqual } from "node:util";
import { isUserError } from "../../model/errors";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuSelector } from "../../model/gpu-selector";
import { describeSelector, resolveGpu } from "../../model/gpu-selector";
import { formatGpu } from "../format";
import type { Pin, SriovGoal } from "../goal";
import type { BlockerReason } from "../plan";
import { isBlocker } from "../plan";

/** Why a selector names no single GPU. */
export interface Unresolved extends BlockerReason {
  /** It may name one, but it is unclear which. */
  ambiguous: boolean;
}

/** Returns the GPU that a selector names, or why there is none or more than one. */
export function findGpu(selector: GpuSelector, gpus: Gpu[]): Gpu | Unresolved {
  try {
    return resolveGpu(selector, gpus);
  } catch (error) {
    if (!isUserError(error)) throw error;
    const { cause, hint } = error.details;
    const ambiguous = hint !== undefined;
    const what = ambiguous
      ? `it is unclear which GPU is ${describeSelector(selector)}`
      : `there is no GPU ${describeSelector(selector)}`;
    return { reason: `${what}: ${cause}`, hint: hint ?? "Name a GPU that exists", ambiguous };
  }
}

/**
 * Returns the GPU of a resource that may be pinned to one. A changed selector names what it finds now. An unchanged one names the
 * pinned GPU: an address follows it to its new address (B26), and any other selector that finds another GPU is a blocker.
 */
export function findPinnedGpu(selector: GpuSelector, pin: Pin | undefined, gpus: Gpu[]): Gpu | Unresolved {
  const found = findGpu(selector, gpus);
  if (!pin || !isDeepStrictEqual(pin.selector, selector)) return found;
  const pinned = pinnedGpu(pin, gpus);
  if (isBlocker(found) || found === pinned) return pinned ?? found;
  if (pinned && "address" in selector) return pinned;
  return { ...otherGpuBlocker(selector, pin, found, pinStatus(pin, pinned, gpus)), ambiguous: true };
}

/** Returns the pinned GPU at its present address. A GPU without a known UUID at the same address counts as it. */
function pinnedGpu({ uuid, address }: Pin, gpus: Gpu[]): Gpu | undefined {
  const atAddress = gpus.find((gpu) => gpu.address === address);
  if (uuid === undefined) return atAddress;
  return gpus.find((gpu) => gpu.uuid === uuid) ?? (atAddress?.uuid === null ? atAddress : undefined);
}

function otherGpuBlocker(selector: GpuSelector, { uuid, address }: Pin, found: Gpu, status: string): BlockerReason {
  const name = found.uuid === null ? `{address: "${found.address}"}` : `{uuid: "${found.uuid}"}`;
  return {
    device: found.address,
    reason: `the GPU ${describeSelector(selector)} was ${uuid ? `${uuid} at ` : ""}${address}, which ${status}; now ${formatGpu(found)} is found instead`,
    hint: `To use that GPU from now on, name it instead of ${describeSelector(selector)}: ${name}`,
  };
}

function pinStatus({ uuid, address }: Pin, pinned: Gpu | undefined, gpus: Gpu[]): string {
  if (pinned) return pinned.address === address ? "is still there" : `is at ${pinned.address} now`;
  const hasUnknownUuid = uuid !== undefined && gpus.some((gpu) => gpu.uuid === null);
  return hasUnknownUuid
    ? "cannot be found, because the driver does not show the UUIDs of all GPUs"
    : "is not there any more";
}

/** Returns a message if the pinned GPU is at another address now. */
export const pinMovedMessage = (pin: Pin | undefined, gpu: Gpu): string | undefined =>
  pin?.uuid !== undefined && pin.uuid === gpu.uuid && pin.address !== gpu.address
    ? `${pin.uuid}, which was at ${pin.address}, is ${formatGpu(gpu)} now`
    : undefined;

export interface Selection {
  gpus: Gpu[];
  unresolved: Unresolved[];
}

/** Returns the GPUs that a goal names, each once, in their order in the goal. */
export function selectGpus(
  { gpus }: HostFacts,
  { gpus: selectors, pins = [] }: Pick<SriovGoal, "gpus" | "pins">,
): Selection {
  if (selectors === "all") return { gpus, unresolved: [] };
  const found = new Set<Gpu>();
  const unresolved: Selection["unresolved"] = [];
  for (const selector of selectors) {
    const gpu = findPinnedGpu(
      selector,
      pins.find((pin) => isDeepStrictEqual(pin.selector, selector)),
      gpus,
    );
    if (isBlocker(gpu)) unresolved.push(gpu);
    else found.add(gpu);
  }
  return { gpus: [...found], unresolved };
}
