import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VgpuType } from "./facts/gpu";
import type { VgpuTypeName } from "./vgpu-type";
import { idIn, shortName, sizeInName } from "./vgpu-type";

interface KnownGpu {
  /** The beginnings of its type names. */
  families: string[];
  model: string | null;
}

let gpus: Map<string, KnownGpu> | undefined;

const typesOfGpus = new Map<string, VgpuType[] | null>();

/** Returns the time-sliced types that a GPU will offer once its driver is up, by its PCI device id; null for an unknown GPU. */
export function knownTypesOf(deviceId: string): VgpuType[] | null {
  let known = typesOfGpus.get(deviceId);
  if (known === undefined) {
    known = readTypesOf(deviceId);
    typesOfGpus.set(deviceId, known);
  }
  return known;
}

function readTypesOf(deviceId: string): VgpuType[] | null {
  const families = knownFamiliesOf(deviceId);
  if (!families) return null;
  const isOfGpu = (name: string) => families.includes(shortName(name).replace(/-.*/, ""));
  return knownTypes().flatMap(({ id, name, maxInstances }) => {
    const size = sizeInName(name);
    return maxInstances !== null && isOfGpu(name)
      ? [{ id, name, maxInstances, framebufferMiB: size?.framebufferMiB ?? null, series: size?.series ?? null }]
      : [];
  });
}

/** Returns the beginnings of the type names of a GPU; null for an unknown GPU. */
export const knownFamiliesOf = (deviceId: string): string[] | null => knownGpu(deviceId)?.families ?? null;

/** Returns the driver's name for a GPU; lists of PCI ids are often older than the GPU. */
export const knownModelOf = (deviceId: string): string | null => knownGpu(deviceId)?.model ?? null;

function knownGpu(deviceId: string): KnownGpu | undefined {
  gpus ??= readGpus();
  return gpus.get(deviceId.toLowerCase());
}

function readGpus(): Map<string, KnownGpu> {
  const lines = readFileSync(join(__dirname, "known-cards.csv"), "utf8").split("\n");
  const rows = lines
    .filter((line) => /^[0-9a-f]{4},/.test(line))
    .map((line) => line.split(",") as [string, string, string]);
  return new Map(
    rows.map(([device, families, model]) => [device, { families: families.split(" "), model: model || null }]),
  );
}

export interface KnownType {
  id: number;
  name: string;
  /** How many fit on a GPU if all have this size; null for MIG-backed types. */
  maxInstances: number | null;
}

interface TypeTable {
  all: KnownType[];
  byId: Map<number, KnownType>;
  byShortName: Map<string, KnownType>;
}

let table: TypeTable | undefined;

const types = (): TypeTable => (table ??= indexed(readTypes()));

/** Returns what is published about a type; null for one that is newer than this table. */
export const knownType = (id: number): KnownType | null => types().byId.get(id) ?? null;

/** Returns all published types. */
export const knownTypes = (): readonly KnownType[] => types().all;

/** Returns the published type of this name, for types that hosts do not list at the moment. */
export function knownTypeByName(name: VgpuTypeName): KnownType | null {
  const id = idIn(name);
  return id === null ? (types().byShortName.get(lowerShortName(name)) ?? null) : knownType(id);
}

const lowerShortName = (name: string) => shortName(name).toLowerCase();

/** Adds the maps by which a type is found: a fleet file asks for each vGPU of each host. */
const indexed = (all: KnownType[]): TypeTable => ({
  all,
  byId: new Map(all.map((type) => [type.id, type])),
  byShortName: new Map(all.map((type) => [lowerShortName(type.name), type])),
});

function readTypes(): KnownType[] {
  const lines = readFileSync(join(__dirname, "known-types.csv"), "utf8").split("\n");
  const rows = lines.filter((line) => /^\d/.test(line)).map((line) => line.split(",") as [string, string, string]);
  return rows.map(([id, name, max]) => ({ id: Number(id), name, maxInstances: max ? Number(max) : null }));
}
