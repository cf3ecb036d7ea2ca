import { knownType } from "../../model/catalogue";
import type { VgpuType } from "../../model/facts/gpu";
import type { PciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { sizeInName } from "../../model/vgpu-type";
import type { Capture } from "../capture";
import { recordedTypeName } from "./vgpu-records";

/** Where sysfs shows PCI functions, and mediated devices, by name. */
export const pciDevices = "/sys/bus/pci/devices";
export const mdevDevices = "/sys/bus/mdev/devices";

const mdevTypeDirectory = (address: PciAddress) => `${pciDevices}/${address}/mdev_supported_types`;

/** The directory is nvidia-ID, or pci-ID when it was registered before the driver bound (B50). */
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

/** Described once a card: by the GPU, or by the first VF that has types. */
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

/** `num_heads=4, frl_config=60, framebuffer=4096M, max_resolution=7680x4320, max_instance=4` */
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

/** An empty list, or a header alone, is what an occupied VF and a full GPU show (B69, B70). */
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

/** The type that is set on a VF: its id is all that the host tells, for no list may have it any more (B69). */
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

/** The type that is set; null while the VF is free. */
export function currentVendorType(capture: Capture, address: PciAddress): number | null {
  return Number(capture.value(`${vendorDirectory(address)}/current_vgpu_type`) ?? 0) || null;
}

/** Real files have `1145  : NVIDIA L40S-1B` below a header; NVIDIA's guide prints `NVIDIA A40-1Q 557` (B76). */
function vendorTypeRows(capture: Capture, address: PciAddress): { id: number; name: string }[] {
  return capture.read(`${vendorDirectory(address)}/creatable_vgpu_types`).flatMap((line) => {
    const idFirst = /^\s*(\d+)\s*:\s*(\S.*?)\s*$/.exec(line);
    if (idFirst) return [{ id: Number(idFirst[1]), name: idFirst[2]! }];
    const nameFirst = /^\s*(\S.*?-\S+)\s+(\d+)\s*$/.exec(line);
    return nameFirst ? [{ id: Number(nameFirst[2]), name: nameFirst[1]! }] : [];
  });
}
