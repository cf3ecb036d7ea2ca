import type { Framework, VgpuFunction, VgpuType } from "../../model/facts/gpu";
import type { PciAddress } from "../../model/pci-address";
import { pciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { mdevCreatable, pciDevices, vendorCreatable } from "./vgpu-types";

/** A function without its users, which users.ts finds. */
export type BareFunction = Omit<VgpuFunction, "users">;

/** Returns the GPU itself, then its VFs. Links are listed as virtfn0, 1, 10, 11, 2 (B42), so they are sorted by number. */
export function functionsOf(capture: Capture, gpu: PciAddress): BareFunction[] {
  const links = capture.list(`${pciDevices}/${gpu}`).flatMap((name) => /^virtfn(\d+)$/.exec(name)?.[1] ?? []);
  const virtual = links
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const name = capture.linkName(`${pciDevices}/${gpu}/virtfn${index}`);
      return name ? [pciFunction(capture, pciAddress(name), index)] : [];
    });
  return [pciFunction(capture, gpu, null), ...virtual];
}

function pciFunction(capture: Capture, address: PciAddress, index: number | null): BareFunction {
  const framework = frameworkOf(capture, address);
  return {
    address,
    index,
    driver: capture.linkName(`${pciDevices}/${address}/driver`),
    iommuGroup: iommuGroup(capture, `${pciDevices}/${address}`),
    framework,
    creatable: creatable(capture, address, framework),
  };
}

/** Decides by the files of the function, never by model or distribution (B67). */
function frameworkOf(capture: Capture, address: PciAddress): Framework | null {
  if (capture.list(`${pciDevices}/${address}/mdev_supported_types`).length) return "mdev";
  return capture.exists(`${pciDevices}/${address}/nvidia/current_vgpu_type`) ? "vendor" : null;
}

function creatable(
  capture: Capture,
  address: PciAddress,
  framework: Framework | null,
): OrUnknown<Record<string, number>> {
  if (framework === "mdev") return mdevCreatable(capture, address);
  if (framework === "vendor") return vendorCreatable(capture, address);
  return {};
}

export function iommuGroup(capture: Capture, device: string): number | null {
  const name = capture.linkName(`${device}/iommu_group`);
  return name === null ? null : Number(name);
}

/** Merges the types that the functions of a GPU list; the last description counts. */
export function mergeTypes(types: VgpuType[]): VgpuType[] {
  return [...new Map(types.map((type) => [type.id, type])).values()].sort((a, b) => a.id - b.id);
}
