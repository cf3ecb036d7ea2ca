import { PciAddress } from "../../model/pci-address";

/** The output of `nvidia-smi -q` for one GPU: field paths such as `MIG Mode/Current` to values. */
export type GpuReport = Map<string, string>;

/**
 * Parses the indented `key : value` text. The column of the colon differs between branches (B23), the indentation decides on the
 * parent of a line, and the same key occurs below several parents.
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
