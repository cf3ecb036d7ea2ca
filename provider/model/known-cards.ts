import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VgpuType } from "./facts/gpu";
import { knownTypes } from "./known-types";
import { shortName, sizeInName } from "./vgpu-type";

interface KnownCard {
  /** How the names of its types begin. */
  families: string[];
  model: string | null;
}

let table: Map<string, KnownCard> | undefined;

/** The time-sliced types that a card will offer once its driver is up, by its PCI device id; null for a card that no table knows. */
export function knownTypesOf(deviceId: string): VgpuType[] | null {
  const families = knownCard(deviceId)?.families;
  if (!families) return null;
  const isOfCard = (name: string) => families.includes(shortName(name).replace(/-.*/, ""));
  return knownTypes().flatMap(({ id, name, maxInstances }) => {
    const size = sizeInName(name);
    return maxInstances !== null && isOfCard(name) ? [{ id, name, maxInstances, framebufferMiB: size?.framebufferMiB ?? null, series: size?.series ?? null }] : [];
  });
}

/** What the driver will call it; lists of PCI ids are often older than the card. */
export const knownModelOf = (deviceId: string): string | null => knownCard(deviceId)?.model ?? null;

function knownCard(deviceId: string): KnownCard | undefined {
  table ??= readTable();
  return table.get(deviceId.toLowerCase());
}

function readTable(): Map<string, KnownCard> {
  const lines = readFileSync(join(__dirname, "known-cards.csv"), "utf8").split("\n");
  const rows = lines.filter((line) => /^[0-9a-f]{4},/.test(line)).map((line) => line.split(",") as [string, string, string]);
  return new Map(rows.map(([device, families, model]) => [device, { families: families.split(" "), model: model || null }]));
}
