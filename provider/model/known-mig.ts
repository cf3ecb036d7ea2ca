import { readFileSync } from "node:fs";
import { join } from "node:path";
import { knownFamiliesOf, knownTypes } from "./catalogue";
import type { GpuInstanceProfile, MigVgpuType } from "./facts/mig";
import { shortName, sizeInName } from "./vgpu-type";

interface KnownMig {
  profiles: GpuInstanceProfile[];
  types: MigVgpuType[];
}

/** From this release on, several vGPUs of one size share a GPU instance of an RTX PRO 6000 (B120). */
const sharedFrom = 575;

/**
 * Returns the MIG-backed types that a GPU will have once a driver of this release is up, by its PCI device id, with their GPU instance
 * profiles. null: it has none. undefined: it is in no table.
 */
export function knownMigOf(deviceId: string, release: number): KnownMig | null | undefined {
  const families = knownFamiliesOf(deviceId);
  if (!families) return undefined;
  const isOfGpu = (name: string) => families.includes(beginningOf(name));
  const published = knownTypes().filter(({ name, maxInstances }) => maxInstances === null && isOfGpu(name));
  if (!published.length) return null;
  const rows = rowsOf(families);
  const smallest = Math.min(...published.map(({ name }) => sizeInName(name)!.framebufferMiB));
  const matched = published.flatMap(({ id, name }) => {
    const row = rows.find((one) => isFor(one, name, smallest));
    return row ? [{ id, name, framebufferMiB: sizeInName(name)!.framebufferMiB, row }] : [];
  });
  if (!matched.length) return undefined;
  const memoryOf = (row: Row) =>
    Math.max(...matched.filter((one) => one.row === row).map(({ framebufferMiB }) => framebufferMiB));
  return {
    profiles: rows.filter((row) => matched.some((one) => one.row === row)).map((row) => profileOf(row, memoryOf(row))),
    types: matched.map(({ row, ...type }) => ({
      ...type,
      profileId: row.id,
      perInstance: row.kind === "gfx" && release >= sharedFrom ? Math.floor(memoryOf(row) / type.framebufferMiB) : 1,
    })),
  };
}

const beginningOf = (name: string) => shortName(name).replace(/-.*/, "");

interface Row extends Omit<GpuInstanceProfile, "name"> {
  family: string;
  slices: number;
  kind: string;
}

function isFor({ slices, kind }: Row, name: string, smallest: number): boolean {
  const size = sizeInName(name)!;
  if (size.slices !== slices || (kind === "me") !== name.endsWith("ME")) return false;
  return kind === "gfx" || slices > 1 || kind === "me" || (kind === "double") === size.framebufferMiB > smallest;
}

const profileOf = ({ id, slices, kind, total, size, starts }: Row, memoryMiB: number): GpuInstanceProfile => ({
  id,
  name: `${slices}g.${memoryMiB / 1024}gb${kind === "me" || kind === "gfx" ? `+${kind}` : ""}`,
  total,
  size,
  starts,
});

let rows: Row[] | undefined;

function rowsOf(families: readonly string[]): Row[] {
  rows ??= readRows();
  const own = rows.filter(({ family }) => families.includes(family));
  return own.length ? own : rows.filter(({ family }) => family === "other");
}

function readRows(): Row[] {
  const lines = readFileSync(join(__dirname, "known-profiles.csv"), "utf8").split("\n");
  return lines
    .map((line) => line.split(",") as [string, string, string, string, string, string, string])
    .filter(([, slices]) => /^\d+$/.test(slices ?? ""))
    .map(([family, slices, kind, id, total, size, starts]) => ({
      family,
      slices: Number(slices),
      kind,
      id: Number(id),
      total: Number(total),
      size: Number(size),
      starts: starts.split(" ").map(Number),
    }));
}
