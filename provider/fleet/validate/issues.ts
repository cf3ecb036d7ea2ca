import type { z } from "zod";
import type { Issue } from "../../model/issue";
import { issueCauses } from "../../model/issue";
import { closestMatch, didYouMean } from "./hosts";

export type Path = readonly PropertyKey[];

/** Something that is wrong with a file, told by the path in it. */
export interface FleetIssue {
  path: Path;
  /** The key is wrong, not what stands behind it. */
  at?: "key";
  /** What stands there; left out where nothing stands, or nothing of it may be shown. */
  found?: string;
  /** What would fit. */
  message: string;
}

export const startsWith = (path: Path, beginning: Path) => beginning.every((key, i) => path[i] === key);

/** Whether what is wrong at one place may be the reason for what is wrong at the other. */
export const areRelated = (a: Path, b: Path) => startsWith(a, b) || startsWith(b, a);

export type Map = Readonly<Record<PropertyKey, unknown>>;

export const isMap = (value: unknown): value is Map =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce(
    (part, key) =>
      typeof part === "object" && part !== null && Object.hasOwn(part, key) ? (part as Map)[key] : undefined,
    value,
  );

/** The longest part of a path along which there are maps: in a list, or where something is missing, what is around it is meant. */
export function removable(value: unknown, path: Path): Path {
  const depth = path.findIndex((key, i) => {
    const around = valueAt(value, path.slice(0, i));
    return !isMap(around) || !Object.hasOwn(around, key);
  });
  return depth < 0 ? path : path.slice(0, depth);
}

/** The same without what stands at a path of keys. */
export function without(value: unknown, [key, ...rest]: Path): unknown {
  if (!isMap(value) || key === undefined || !Object.hasOwn(value, key)) return value;
  const { [key]: part, ...others } = value;
  return rest.length > 0 ? { ...value, [key]: without(part, rest) } : others;
}

/** The keys that a schema knows for the map at a path. */
export function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [key, ...rest] = path;
  switch (def.type) {
    case "object":
      return key === undefined ? Object.keys(def.shape) : keysAt(def.shape[String(key)]!, rest);
    case "record":
      return key === undefined ? [] : keysAt(def.valueType, rest);
    case "union":
      return def.options.flatMap((option) => keysAt(option, path));
    case "pipe":
      return keysAt(def.in, path);
    case "optional":
    case "nullable":
    case "default":
      return keysAt(def.innerType, path);
    default:
      return [];
  }
}

const longest = 80;

/** What stands at a path, as far as it may be shown: whatever is written about a connection may be a secret in the wrong place. */
export function quoteValue(value: unknown, path: Path): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (path.includes("connection")) return typeof value === "string" ? "a text" : `a ${typeof value}`;
  return typeof value === "string" ? quoted(value) : String(value);
}

export const quoted = (text: string) => JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);

/** `password:hunter2` is a key for YAML. */
export const quoteKey = (key: string) => (/^\w+$/.test(key) ? ` ${quoted(key)}` : "");

const kinds: Record<string, string> = {
  object: "a map",
  record: "a map",
  array: "a list",
  string: "a text",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
};

/** What would fit, where a schema does not say it in words of its own. */
export const issueText: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "it has to be given";
      if (issue.expected === "string" && ["number", "boolean"].includes(typeof issue.input))
        return "a text is wanted: write it in quotes";
      if (issue.input === null && kinds[issue.expected] === "a map") return "a map is wanted, {} if it is empty";
      return `${kinds[issue.expected] ?? issue.expected} is wanted`;
    case "invalid_value": {
      const values = issue.values.map(String);
      return didYouMean(closestMatch(String(issue.input), values)) ?? `${values.join(" or ")} is wanted`;
    }
    case "too_small":
      return issue.origin === "number" || issue.origin === "int"
        ? `${issue.minimum} is the least`
        : "it must not be empty";
    case "too_big":
      return `${issue.maximum} is the most`;
    default:
      return undefined;
  }
};

/** What a schema found wrong with a value. */
export const issuesOf = (issues: Issue[], schema: z.core.$ZodType, value: unknown): FleetIssue[] =>
  issues.flatMap((issue) => faultsIn(issue, [], { schema, value }));

interface Checked {
  schema: z.core.$ZodType;
  value: unknown;
}

function faultsIn(issue: Issue, above: Path, checked: Checked): FleetIssue[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, path, checked.schema));
  if (issue.code === "invalid_key")
    return [{ path, at: "key", found: quoted(String(path.at(-1))), message: issue.issues[0]!.message }];
  const inner = issueCauses(issue);
  if (inner.length > 0) return inner.filter(isTelling).flatMap((cause) => faultsIn(cause, path, checked));
  const { found = quoteValue(valueAt(checked.value, path), path), at } =
    (issue.code === "custom" ? issue.params : undefined) ?? {};
  return [{ path, at, found, message: issue.message }];
}

function unknownKey(key: string, path: Path, schema: z.core.$ZodType): FleetIssue {
  const known = keysAt(schema, path);
  const place = { path: [...path, key], at: "key" as const };
  if (known.includes(key))
    return { ...place, found: `the key${quoteKey(key)}`, message: "it does not go with the others" };
  const message = didYouMean(closestMatch(key, known)) ?? `known here: ${[...new Set(known)].join(", ")}`;
  return { ...place, found: `an unknown key${quoteKey(key)}`, message };
}

// A form with a key too many lacks another one: that is said of it already.
const isTelling = ({ code }: Issue, _: number, all: Issue[]) =>
  code === "unrecognized_keys" || !all.some((other) => other.code === "unrecognized_keys");
