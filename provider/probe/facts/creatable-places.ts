import type { Gpu } from "../../model/facts/gpu";
import type { PciAddress } from "../../model/pci-address";
import type { Capture } from "../capture";
import { typeBlocks } from "./type-blocks";

/**
 * Parses `Creatable Placement IDs : 6 18` of each type that `nvidia-smi vgpu -c -v` lists for a GPU in mixed-size mode. A type that is not
 * listed has no place. Without an answer about this GPU, null.
 */
export function creatablePlaces(capture: Capture, address: PciAddress): Gpu["creatablePlaces"] {
  const lines = capture.section("vgpu-creatable");
  const isListed = lines.some((line) => line.startsWith("GPU ") && line.toLowerCase().includes(address));
  if (!isListed) return null;
  const places = typeBlocks(lines, address).map((block) => ({
    id: Number(block.get("vGPU Type ID")),
    ids: block.get("Creatable Placement IDs")?.split(/\s+/).filter(Boolean).map(Number),
  }));
  if (places.some(({ id, ids }) => Number.isNaN(id) || !ids || ids.some(Number.isNaN))) return null;
  return Object.fromEntries(places.map(({ id, ids }) => [String(id), ids!]));
}
