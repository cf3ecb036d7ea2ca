import type { VgpuType } from "../../model/facts/gpu";
import type { PciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { sizeInName } from "../../model/vgpu-type";
import type { Capture } from "../capture";
import { devices } from "./paths";

const typesBelow = (address: PciAddress) => `${devices}/${address}/mdev_supported_types`;

/** The directory is nvidia-ID, or pci-ID when it was registered before the driver bound (B50). */
export const typeId = (directory: string): number => Number(/(\d+)$/.exec(directory)?.[1]);

export function mdevCreatable(capture: Capture, address: PciAddress): OrUnknown<Record<string, number>> {
  const below = typesBelow(address);
  const refusal = capture.refusal((path) => path.startsWith(below) && path.endsWith("/available_instances"));
  if (refusal) return refusal;
  const counts = capture
    .list(below)
    .map((name) => [typeId(name), Number(capture.value(`${below}/${name}/available_instances`))] as const);
  return Object.fromEntries(counts.filter(([, available]) => available > 0));
}

/** Described once a card: by the GPU, or by the first VF that has types. */
export function mdevTypes(capture: Capture, address: PciAddress): VgpuType[] {
  return capture.list(typesBelow(address)).flatMap((directory) => {
    const name = capture.value(`${typesBelow(address)}/${directory}/name`);
    return name === null
      ? []
      : [described(typeId(directory), name, capture.value(`${typesBelow(address)}/${directory}/description`) ?? "")];
  });
}

/** `num_heads=4, frl_config=60, framebuffer=4096M, max_resolution=7680x4320, max_instance=4` */
function described(id: number, name: string, description: string): VgpuType {
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
