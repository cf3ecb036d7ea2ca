import { knownType } from "../../model/catalogue";
import type { VgpuType } from "../../model/facts/gpu";
import type { PciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { sizeInName } from "../../model/vgpu-type";
import type { Capture } from "../capture";
import { recordedTypeName } from "./vgpu-records";

/** The folders of PCI functions and of mediated devices in sysfs. */
export const pciDevices = "/sys/bus/pci/devices";
export const mdevDevices = "/sys/bus/mdev/devices";

const mdevTypeDirectory = (address: PciAddress) => `${pciDevices}/${address}/mdev_supported_types`;

/** Returns the id in nvidia-ID, or in pci-ID of a type that was registered before the driver was bound (B50). */
export const typeId = (directory: string): number => Number(/(\d+)$/.exec(directory)?.[1]);

export function mdevCreatable(capture: Capture, address: PciAddress): OrUnknown<Record<string, number>> {
  const below = mdevTypeDirectory(address);
  const refusal = capture.refusal((path) => path.startsWith(below) && path.endsWith("/available_instances"));
  if (refusal) return refusal;
  const counts = capture
    .list(below)
    .map((name) => [typeId(name), Number(capture.value(`${below}/${name}/available_instances`))] as const);
  return Object.fromEntries(counts.filter(([, available]) => available > 0));
}

/** Returns the types that this function describes. One function of a GPU does: the GPU itself, or the first VF with types. */
export function mdevTypes(capture: Capture, address: PciAddress): VgpuType[] {
  return capture.list(mdevTypeDirectory(address)).flatMap((directory) => {
    const name = capture.value(`${mdevTypeDirectory(address)}/${directory}/name`);
    return name === null
      ? []
      : [
          describeMdevType(
            typeId(directory),
            name,
            capture.value(`${mdevTypeDirectory(address)}/${directory}/description`) ?? "",
          ),
        ];
  });
}

/** Parses `num_heads=4, frl_config=60, framebuffer=4096M, max_resolution=7680x4320, max_instance=4`. */
function describeMdevType(id: number, name: string, description: string): VgpuType {
  const number = (field: string) => {
    const value = new RegExp(`\\b${field}=(\\d+)`).exec(description)?.[1];
    return value === undefined ? null : Number(value);
  };
  const size = sizeInName(name);
  return {
    id,
    name,
    framebufferMiB: number("framebuffer") ?? size?.framebufferMiB ?? null,
    series: size?.series ?? null,
    maxInstances: number("max_instance"),
  };
}

const vendorDirectory = (address: PciAddress) => `${pciDevices}/${address}/nvidia`;

/** An occupied VF and a full GPU have an empty list, or only the header (B69, B70). */
export function vendorCreatable(capture: Capture, address: PciAddress): OrUnknown<Record<string, number>> {
  const file = `${vendorDirectory(address)}/creatable_vgpu_types`;
  return (
    capture.refusal((path) => path === file) ??
    Object.fromEntries(vendorTypeRows(capture, address).map(({ id }) => [id, 1]))
  );
}

export function vendorTypes(capture: Capture, address: PciAddress): VgpuType[] {
  return vendorTypeRows(capture, address).map(({ id, name }) => describeVendorType(id, name));
}

/** Returns the type that is set on a VF. The host has only its id; the lists may not contain it any more (B69). */
export function currentType(capture: Capture, address: PciAddress): VgpuType[] {
  const id = currentVendorType(capture, address);
  return id === null ? [] : [describeVendorType(id, knownType(id)?.name ?? recordedTypeName(capture, id))];
}

function describeVendorType(id: number, name: string | null): VgpuType {
  const size = name === null ? null : sizeInName(name);
  return {
    id,
    name,
    framebufferMiB: size?.framebufferMiB ?? null,
    series: size?.series ?? null,
    maxInstances: knownType(id)?.maxInstances ?? null,
  };
}

/** Returns the id of the type that is set; null if none is. */
export function currentVendorType(capture: Capture, address: PciAddress): number | null {
  return Number(capture.value(`${vendorDirectory(address)}/current_vgpu_type`) ?? 0) || null;
}

/** Parses both forms: real files have `1145  : NVIDIA L40S-1B` below a header; NVIDIA's guide has `NVIDIA A40-1Q 557` (B76). */
function vendorTypeRows(capture: Capture, address: PciAddress): { id: number; name: string }[] {
  return capture.read(`${vendorDirectory(address)}/creatable_vgpu_types`).flatMap((line) => {
    const idFirst = /^\s*(\d+)\s*:\s*(\S.*?)\s*$/.exec(line);
    if (idFirst) return [{ id: Number(idFirst[1]), name: idFirst[2]! }];
    const nameFirst = /^\s*(\S.*?-\S+)\s+(\d+)\s*$/.exec(line);
    return nameFirst ? [{ id: Number(nameFirst[2]), name: nameFirst[1]! }] : [];
  });
}
