import { z } from "zod";
import type { Issue } from "../model/issue";
import { formatPath, issueCauses } from "../model/issue";
import { sanitizeLine } from "../model/text";
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

/** What the engine puts in the place of a value that is not known in preview: `pulumi.runtime.unknownValue`. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type Path = readonly PropertyKey[];

/** Where it stands within a value, at whatever depth. */
export function unknownsIn(value: unknown, at: Path = []): Path[] {
  if (value === unknownValue) return [at];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => unknownsIn(part, [...at, key]));
}

export const isKnownWhole = (value: unknown): boolean => unknownsIn(value).length === 0;

/** What is wrong, after the property where it is: `connection.proxy.port: ...`. */
export function formatIssue(issue: Issue): string {
  const { path, message } = mostSpecific(issue);
  const text = message.endsWith("received undefined") ? "it has to be given" : message;
  return sanitizeLine(path.length ? `${formatPath(path)}: ${text}` : text, 400);
}

function mostSpecific(issue: Issue): { path: PropertyKey[]; message: string } {
  const inner = issueCauses(issue)[0];
  if (!inner) return issue;
  const { path, message } = mostSpecific(inner);
  return { path: [...issue.path, ...path], message };
}
