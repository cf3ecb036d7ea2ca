import { PciAddress } from "../../model/pci-address";

/** What `nvidia-smi -q` tells about one GPU: field paths such as `MIG Mode/Current` to values. */
export type GpuReport = Map<string, string>;

/**
 * Reads the indented `key : value` text. The column of the colon moves from branch to branch (B23), the indent is what
 * says whose child a line is, and the same key stands below several parents.
 */
export function gpuReports(lines: string[]): Map<string, GpuReport> {
  const reports = new Map<string, GpuReport>();
  let report: GpuReport | undefined;
  let parents: { indent: number; key: string }[] = [];
  for (const line of lines) {
    const gpu = /^GPU ([0-9A-Fa-f:.]+)$/.exec(line)?.[1];
    const address = gpu && PciAddress.safeParse(gpu).data;
    if (address) {
      reports.set(address, (report = new Map()));
      parents = [];
      continue;
    }
    const [, space, key, value] = /^( +)(\S.*?)\s*(?: : ?(.*))?$/.exec(line) ?? [];
    if (!report || !space) continue;
    parents = parents.filter(({ indent }) => indent < space.length);
    parents.push({ indent: space.length, key: key! });
    if (value !== undefined) report.set(parents.map((parent) => parent.key).join("/"), value.trim());
  }
  return reports;
}
