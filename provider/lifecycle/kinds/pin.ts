import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { GpuSelector } from "../../model/gpu-selector";
import { pciAddress } from "../../model/pci-address";
import type { Pin } from "../../plan";
import { findPinnedGpu } from "../../plan/gpu/find";
import type { State } from "../state";
import type { ExistingVgpu, PinnedGpu } from "./outputs";

/** Returns the GPU that the state has for a resource. Layouts of release 0.1 have its address only with each vGPU. */
export function pinOf({ gpu, gpuAddress, gpuUuid, instances }: State): Pin | undefined {
  const [first] = Object.values((instances ?? {}) as Record<string, ExistingVgpu>);
  const address = (gpuAddress as string | undefined) ?? first?.gpuAddress;
  if (address === undefined || gpu === undefined) return undefined;
  return { uuid: gpuUuid as string | undefined, address: pciAddress(address), selector: gpu as GpuSelector };
}

/** Returns the GPU on which vGPUs will be, if it is found already. */
export function foreseenGpu(facts: HostFacts, gpu: GpuSelector, last: State): Partial<PinnedGpu> {
  const found = findPinnedGpu(gpu, pinOf(last), facts.gpus);
  return "reason" in found ? {} : { gpuAddress: found.address, ...(found.uuid && { gpuUuid: found.uuid }) };
}

/**
 * Returns the GPU for the next state, and the selector that found it. While a vGPU is on another GPU than the selected one, both
 * stay those of the last state.
 */
export function pinnedTo(
  facts: HostFacts,
  gpu: GpuSelector,
  last: State,
  there: Vgpu[],
): { gpu: GpuSelector; outputs: Partial<PinnedGpu> } {
  const pin = pinOf(last);
  const found = findPinnedGpu(gpu, pin, facts.gpus);
  if ("reason" in found || there.some((vgpu) => vgpu.gpu !== found.address)) {
    return { gpu: pin?.selector ?? gpu, outputs: pin ? { gpuAddress: pin.address, gpuUuid: pin.uuid } : {} };
  }
  const uuid = found.uuid ?? (found.address === pin?.address ? pin.uuid : undefined);
  return { gpu, outputs: { gpuAddress: found.address, gpuUuid: uuid } };
}
