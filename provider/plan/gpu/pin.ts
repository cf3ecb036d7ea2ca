import { isDeepStrictEqual } from "node:util";
import type { Gpu } from "../../model/facts/gpu";
import type { GpuSelector } from "../../model/gpu-selector";
import { describeSelector } from "../../model/gpu-selector";
import type { PciAddress } from "../../model/pci-address";
import { formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import type { Unresolved } from "./find";
import { findGpu } from "./find";

/** The GPU that a resource has had since its first success. */
export interface Pin {
  /** Not known to states of release 0.1, nor where no driver has told it. */
  uuid?: string;
  address: PciAddress;
  /** What found it. */
  selector: GpuSelector;
}

/**
 * The GPU that a selector means for a resource that may have one already. A selector that was changed means what it finds now. One that was
 * not changed means the card that the resource has: an address follows it (B26), and whatever else finds another card is an obstacle.
 */
export function findPinnedGpu(selector: GpuSelector, pin: Pin | undefined, gpus: Gpu[]): Gpu | Unresolved {
  const found = findGpu(selector, gpus);
  if (!pin || !isDeepStrictEqual(pin.selector, selector)) return found;
  const home = pinnedGpu(pin, gpus);
  if ("reason" in found || found === home) return home ?? found;
  return home && "address" in selector
    ? home
    : { ...otherCard(selector, pin, found, whatBecame(pin, home, gpus)), ambiguous: true };
}

/** The pinned card, wherever it is now. One whose UUID nobody tells, in the same place, is taken for it. */
function pinnedGpu({ uuid, address }: Pin, gpus: Gpu[]): Gpu | undefined {
  const there = gpus.find((gpu) => gpu.address === address);
  if (uuid === undefined) return there;
  return gpus.find((gpu) => gpu.uuid === uuid) ?? (there?.uuid === null ? there : undefined);
}

function otherCard(selector: GpuSelector, { uuid, address }: Pin, found: Gpu, became: string): BlockerReason {
  const name = found.uuid === null ? `{address: "${found.address}"}` : `{uuid: "${found.uuid}"}`;
  return {
    device: found.address,
    reason: `the GPU ${describeSelector(selector)} was ${uuid ? `${uuid} at ` : ""}${address}, which ${became}; now ${formatGpu(found)} is found instead`,
    hint: `If that GPU is meant from now on, name it in place of ${describeSelector(selector)}: ${name}`,
  };
}

function whatBecame({ uuid, address }: Pin, home: Gpu | undefined, gpus: Gpu[]): string {
  if (home) return home.address === address ? "is still there" : `is at ${home.address} now`;
  const isUntold = uuid !== undefined && gpus.some((gpu) => gpu.uuid === null);
  return isUntold ? "cannot be found, because the driver does not tell the UUIDs of all GPUs" : "is not there any more";
}

/** That a card was followed to another address. */
export const followed = (pin: Pin | undefined, gpu: Gpu): string | undefined =>
  pin?.uuid !== undefined && pin.uuid === gpu.uuid && pin.address !== gpu.address
    ? `${pin.uuid}, which was at ${pin.address}, is ${formatGpu(gpu)} now`
    : undefined;
