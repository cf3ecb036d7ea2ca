import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isType, type VgpuTypeName } from "./vgpu-type";

export interface KnownType {
  name: string;
  /** How many a GPU holds when all are of this size; null for MIG-backed types. */
  maxInstances: number | null;
}

let table: Map<number, KnownType> | undefined;

/** What is published about a type; null for one that is newer than this table. */
export function knownType(id: number): KnownType | null {
  table ??= readTable();
  return table.get(id) ?? null;
}

/** All that is published, by id. */
export function knownTypes(): (KnownType & { id: number })[] {
  table ??= readTable();
  return [...table].map(([id, type]) => ({ id, ...type }));
}

/** The id of a type that hosts do not list at the moment. */
export function knownTypeCalled(wanted: VgpuTypeName): (KnownType & { id: number }) | null {
  return knownTypes().find((type) => isType(wanted, type)) ?? null;
}

function readTable(): Map<number, KnownType> {
  const lines = readFileSync(join(__dirname, "known-types.csv"), "utf8").split("\n");
  const rows = lines.filter((line) => /^\d/.test(line)).map((line) => line.split(",") as [string, string, string]);
  return new Map(rows.map(([id, name, max]) => [Number(id), { name, maxInstances: max ? Number(max) : null }]));
}
