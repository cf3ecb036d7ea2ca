import { z } from "zod";
import { equivalences } from "./comparable";

/** A vGPU type as a user writes it: `A40-4Q`, with or without the prefix `NVIDIA ` or `GRID `, or the id `559`. */
export const VgpuTypeName = z
  .string()
  .trim()
  .regex(/^([\w.]+ )*[A-Za-z]\w*(-\w+)+$|^(nvidia-)?\d+$/, {
    error: (issue) => `"${issue.input}" is not a vGPU type such as A40-4Q`,
  })
  .brand<"VgpuTypeName">()
  .register(equivalences, { compareAs: (type) => String(idIn(type) ?? shortName(type)) });
export type VgpuTypeName = z.infer<typeof VgpuTypeName>;

export const vgpuTypeName = (text: string): VgpuTypeName => VgpuTypeName.parse(text);

/** Q: virtual workstation. B: virtual PC. A: applications. C: compute. */
export const VgpuSeries = z.enum(["Q", "B", "A", "C"]);
export type VgpuSeries = z.infer<typeof VgpuSeries>;

/** Returns the distinctive part of a type name; prefixes differ between generations of GPUs. */
export const shortName = (name: string): string => name.trim().split(/\s+/).pop()!;

/** Returns 559 for `559` and `nvidia-559`; null for a name. */
export function idIn(type: string): number | null {
  const id = /^(?:nvidia-)?(\d+)$/.exec(type)?.[1];
  return id ? Number(id) : null;
}

/** Compares by whole name or by id. A part of a name would match others: P40-2B is the beginning of P40-2B4 (B60). */
export function isType(selector: VgpuTypeName, type: { id: number; name: string | null }): boolean {
  const id = idIn(selector);
  if (id !== null) return id === type.id;
  return type.name !== null && shortName(type.name).toLowerCase() === shortName(selector).toLowerCase();
}

interface NamedSize {
  framebufferMiB: number;
  series: VgpuSeries;
  /** GPU instance slices of a MIG-backed type, `1` in A100-1-5C. */
  slices: number | null;
}

/** Parses the end of a name: A40-4Q, P40-2B4 (four displays of lower resolution), A100-1-5CME, and DC-1-24, a C type. */
export function sizeInName(name: string): NamedSize | null {
  const match = /-(?:(\d+)-)?(\d+)(?:([QBAC])(?:4|ME|GFX)?)?$/.exec(shortName(name));
  if (!match) return null;
  const [, slices, gigabytes, series = "C"] = match;
  return {
    framebufferMiB: gigabytes === "0" ? 512 : Number(gigabytes) * 1024,
    series: VgpuSeries.parse(series),
    slices: slices === undefined ? null : Number(slices),
  };
}
