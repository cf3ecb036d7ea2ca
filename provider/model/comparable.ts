import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

interface Equivalence {
  /** The value that an absent one means. */
  absentMeans?: unknown;
  /** Returns what is compared in place of a text that has several spellings. */
  compareAs?: (text: string) => string;
}

/** What schemas know about values that mean the same. Schemas with a default of zod need no entry. */
export const equivalences = z.registry<Equivalence>();

/** Returns a value in a form that is equal for equal meanings: without defaults, and names of types in their short form. */
export function comparable(schema: z.core.$ZodType, value: unknown): unknown {
  const { absentMeans, compareAs } = equivalences.get(schema) ?? {};
  const compared = typeof value === "string" && compareAs ? compareAs(value) : comparableParts(schema, value);
  const isAbsent = absentMeans !== undefined && isDeepStrictEqual(compared, comparableParts(schema, absentMeans));
  return isAbsent ? undefined : compared;
}

function comparableParts(schema: z.core.$ZodType, value: unknown): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
      return comparable(def.innerType, value);
    case "default": {
      const compared = comparable(def.innerType, value);
      return isDeepStrictEqual(compared, comparable(def.innerType, def.defaultValue)) ? undefined : compared;
    }
    case "array":
      return Array.isArray(value) ? value.map((part) => comparable(def.element, part)) : value;
    case "object":
      return isMap(value) ? comparableObject(def.shape, value) : value;
    case "record":
      return isMap(value) ? comparableRecord(def, value) : value;
    default:
      return value;
  }
}

/** Properties outside the shape are not known to this release. */
function comparableObject(shape: z.core.$ZodShape, value: object): object {
  const entries = Object.entries(value).map(([key, part]) => [
    key,
    Object.hasOwn(shape, key) ? comparable(shape[key]!, part) : part,
  ]);
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
}

/** A record as a list, because two keys may be the same in their comparable form. */
export class Entries extends Array<[string, unknown]> {}

const comparableRecord = ({ keyType, valueType }: z.core.$ZodRecordDef, value: object): Entries =>
  Entries.from(Object.entries(value), ([key, part]): [string, unknown] => [
    String(comparable(keyType, key)),
    comparable(valueType, part),
  ]).sort(([a], [b]) => (a < b ? -1 : 1)) as Entries;

const isMap = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);
