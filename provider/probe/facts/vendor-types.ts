import { knownType } from "../../model/catalogue";
import type { VgpuType } from "../../model/facts/gpu";
import type { PciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { sizeInName } from "../../model/vgpu-type";
import type { Capture } from "../capture";
import { devices } from "./paths";
import { recordedTypeName } from "./vgpu-records";

const below = (address: PciAddress) => `${devices}/${address}/nvidia`;

/** An empty list, or a header alone, is what an occupied VF and a full GPU show (B69, B70). */
export function vendorCreatable(capture: Capture, address: PciAddress): OrUnknown<Record<string, number>> {
  const file = `${below(address)}/creatable_vgpu_types`;
  return (
    capture.refusal((path) => path === file) ?? Object.fromEntries(rows(capture, address).map(({ id }) => [id, 1]))
  );
}

export function vendorTypes(capture: Capture, address: PciAddress): VgpuType[] {
  return rows(capture, address).map(({ id, name }) => described(id, name));
}

/** The type that is set on a VF: its id is all that the host tells, for no list may have it any more (B69). */
export function setType(capture: Capture, address: PciAddress): VgpuType[] {
  const id = currentVendorType(capture, address);
  return id === null ? [] : [described(id, knownType(id)?.name ?? recordedTypeName(capture, id))];
}

function described(id: number, name: string | null): VgpuType {
  const size = name === null ? null : sizeInName(name);
  return {
    id,
    name,
    framebufferMiB: size?.framebufferMiB ?? null,
    series: size?.series ?? null,
    maxInstances: knownType(id)?.maxInstances ?? null,
  };
}

/** The type that is set; null while the VF is free. */
export function currentVendorType(capture: Capture, address: PciAddress): number | null {
  return Number(capture.value(`${below(address)}/current_vgpu_type`) ?? 0) || null;
}

/** Real files have `1145  : NVIDIA L40S-1B` below a header; NVIDIA's guide prints `NVIDIA A40-1Q 557` (B76). */
function rows(capture: Capture, address: PciAddress): { id: number; name: string }[] {
  return capture.read(`${below(address)}/creatable_vgpu_types`).flatMap((line) => {
    const idFirst = /^\s*(\d+)\s*:\s*(\S.*?)\s*$/.exec(line);
    if (idFirst) return [{ id: Number(idFirst[1]), name: idFirst[2]! }];
    const nameFirst = /^\s*(\S.*?-\S+)\s+(\d+)\s*$/.exec(line);
    return nameFirst ? [{ id: Number(nameFirst[2]), name: nameFirst[1]! }] : [];
  });
}
