import { PciAddress } from "../../model/pci-address";

/** Returns the fields of each vGPU type of one GPU, as `nvidia-smi vgpu -s -v` and `-c -v` print them. */
export function typeBlocks(lines: readonly string[], address: PciAddress): Map<string, string>[] {
  const blocks: Map<string, string>[] = [];
  let isOfGpu = false;
  for (const line of lines) {
    const gpu = /^GPU ([0-9A-Fa-f:.]+)$/.exec(line)?.[1];
    if (gpu) isOfGpu = PciAddress.safeParse(gpu).data === address;
    const [, field, value] = /^\s+(\S.*?)\s*: ?(.*)$/.exec(line) ?? [];
    if (!isOfGpu || !field) continue;
    if (field === "vGPU Type ID") blocks.push(new Map());
    blocks.at(-1)?.set(field, value!.trim());
  }
  return blocks;
}
