import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VgpuType } from "./facts/gpu";
import { knownTypes } from "./known-types";
import { shortName, sizeInName } from "./vgpu-type";

let table: Map<string, string[]> | undefined;

/** The time-sliced types that a card will offer once its driver is up, by its PCI device id; null for a card that no table knows. */
export function knownTypesOf(deviceId: string): VgpuType[] | null {
  table ??= readTable();
  const families = table.get(deviceId.toLowerCase());
  if (!families) return null;
  const isOfCard = (name: string) => families.includes(shortName(name).replace(/-.*/, ""));
  return knownTypes().flatMap(({ id, name, maxInstances }) => {
    const size = sizeInName(name);
    return maxInstances !== null && isOfCard(name) ? [{ id, name, maxInstances, framebufferMiB: size?.framebufferMiB ?? null, series: size?.series ?? null }] : [];
  });
}

function readTable(): Map<string, string[]> {
  const lines = readFileSync(join(__dirname, "known-cards.csv"), "utf8").split("\n");
  const rows = lines.filter((line) => /^[0-9a-f]{4},/.test(line)).map((line) => line.split(",") as [string, string]);
  return new Map(rows.map(([device, families]) => [device, families.split(" ")]));
}
