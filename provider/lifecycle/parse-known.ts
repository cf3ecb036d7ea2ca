import { z } from "zod";
import { isKnownWhole, type Path, unknownsIn } from "./unknown-value";
import type { State } from "./state";

export type ObjectSchema<T = object> = z.ZodType<T> & { shape: Readonly<Record<string, z.ZodType>> };

export interface Parsed {
  /** With defaults, and in the form that is compared; as it was given where something is wrong. */
  value: State;
  issues: z.core.$ZodIssue[];
}

/** What a schema says of a value of which parts may not be known yet: they pass, whatever is wanted there. */
export function parseKnown(schema: ObjectSchema, value: State): Parsed {
  const unknowns = unknownsIn(value);
  if (unknowns.length === 0) return parseWhole(schema, value);

  // Property for property: rules between properties wait until all of them are known.
  const { error } = z.strictObject(schema.shape).safeParse(value);
  const issues = error?.issues.filter((issue) => !unknowns.some((unknown) => isAbout(issue, unknown))) ?? [];
  const properties = new Set([...Object.keys(schema.shape), ...Object.keys(value)]);
  const parsed = [...properties].map((property) => [property, parseProperty(schema, property, value[property])]);
  return { value: Object.fromEntries(parsed), issues };
}

function parseWhole(schema: ObjectSchema, value: State): Parsed {
  const { success, data, error } = schema.safeParse(value);
  return success ? { value: data as State, issues: [] } : { value, issues: error.issues };
}

const parseProperty = (schema: ObjectSchema, property: string, value: unknown): unknown =>
  isKnownWhole(value) ? (schema.shape[property]?.safeParse(value).data ?? value) : value;

// A union complains as a whole about what stands deep within it.
const isAbout = ({ path, code }: z.core.$ZodIssue, unknown: Path) =>
  startsWith(path, unknown) || (code === "invalid_union" && startsWith(unknown, path));

const startsWith = (path: Path, beginning: Path) => beginning.every((key, i) => String(path[i]) === String(key));
