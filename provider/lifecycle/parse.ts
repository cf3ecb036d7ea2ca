import { z } from "zod";
import type { State } from "./state";

export type ObjectSchema<T = object> = z.ZodType<T> & { shape: Readonly<Record<string, z.ZodType>> };

export interface Parsed {
  /** With defaults, and normalized for comparison; as given if there are issues. */
  value: State;
  issues: z.core.$ZodIssue[];
}

/** Parses a value of which parts may be unknown yet. Unknown parts always pass. */
export function parseKnown(schema: ObjectSchema, value: State): Parsed {
  const unknowns = unknownsIn(value);
  if (unknowns.length === 0) return parseWhole(schema, value);

  // Each property alone: rules between properties need all of them to be known.
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

// A union has one issue for anything within it.
const isAbout = ({ path, code }: z.core.$ZodIssue, unknown: Path) =>
  startsWith(path, unknown) || (code === "invalid_union" && startsWith(unknown, path));

const startsWith = (path: Path, beginning: Path) => beginning.every((key, i) => String(path[i]) === String(key));

/** The placeholder of the engine for a value that is unknown in a preview: `pulumi.runtime.unknownValue`. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type Path = readonly PropertyKey[];

/** Returns the paths of all placeholders in a value. */
export function unknownsIn(value: unknown, at: Path = []): Path[] {
  if (value === unknownValue) return [at];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => unknownsIn(part, [...at, key]));
}

export const isKnownWhole = (value: unknown): boolean => unknownsIn(value).length === 0;
