import { isDeepStrictEqual } from "node:util";
import { comparable, Entries } from "../model/comparable";
import { Common, comparedKeys, withoutReadOnly } from "./inputs";
import { isMaintenanceChanged, maintenanceOf } from "./maintenance";
import type { Path } from "./parse";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";

/** One difference between the state and the inputs of a program. */
export interface Difference {
  path: Path;
  change: "add" | "delete" | "update";
}

/** Returns what differs, property by property. A default that is written out is no difference. */
export function differences<A extends object>(kind: ResourceKind<A>, last: State, inputs: State): Difference[] {
  if (maintenanceOf(inputs) !== undefined)
    return isMaintenanceChanged(last, inputs) ? [{ path: ["maintenance"], change: "update" }] : [];
  return comparedKeys(kind).flatMap((key) => {
    const given = (state: State) => (key === "connection" ? withoutReadOnly(state.connection) : state[key]);
    const schema = kind.schema.shape[key] ?? Common.shape[key as keyof typeof Common.shape];
    const [before, after] = [last, inputs].map((state) => (schema ? comparable(schema, given(state)) : given(state)));
    return compare([key], before, after);
  });
}

function compare(path: Path, before: unknown, after: unknown): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (before === undefined) return [{ path, change: "add" }];
  if (after === undefined) return [{ path, change: "delete" }];
  const [one, other] = [partsOf(before), partsOf(after)];
  if (!one || !other || Array.isArray(before) !== Array.isArray(after)) return [{ path, change: "update" }];
  const keys = new Set([...one.keys(), ...other.keys()]);
  return [...keys].flatMap((key) => compare([...path, key], one.get(key), other.get(key)));
}

/** Returns the parts of an array by number, or of an object by name; undefined for other values. */
function partsOf(value: unknown): Map<PropertyKey, unknown> | undefined {
  if (value instanceof Entries) return new Map(value);
  if (Array.isArray(value)) return new Map(value.map((part, i) => [i, part]));
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}
