import type { z } from "zod";
import type { Issue } from "../../model/issue";
import { issueCauses } from "../../model/issue";
import { keysAt } from "./schema-walk";
import { closestMatch, didYouMean } from "./suggestions";

export type Path = readonly PropertyKey[];

/** A mistake in a file, with its path. */
export interface FleetIssue {
  path: Path;
  /** The key is wrong, not its value. */
  at?: "key";
  /** The value there. Missing if there is none, or if the message names it. */
  found?: string;
  /** What is expected. */
  message: string;
}

export type AnyMap = Readonly<Record<PropertyKey, unknown>>;

export const isMap = (value: unknown): value is AnyMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce(
    (part, key) =>
      typeof part === "object" && part !== null && Object.hasOwn(part, key) ? (part as AnyMap)[key] : undefined,
    value,
  );

/** Returns the longest start of a path that leads through maps only. Of a list or a missing value, the map around it is removed. */
export function removablePath(value: unknown, path: Path): Path {
  const depth = path.findIndex((key, i) => {
    const parent = valueAt(value, path.slice(0, i));
    return !isMap(parent) || !Object.hasOwn(parent, key);
  });
  return depth < 0 ? path : path.slice(0, depth);
}

const maxQuotedLength = 80;

/** Describes a value for a message. Values of a connection are not shown: each may be a secret in the wrong place. */
function quoteValue(value: unknown, path: Path): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (path.includes("connection")) return `a ${typeof value}`;
  return typeof value === "string" ? quoted(value) : String(value);
}

export const quoted = (text: string) =>
  JSON.stringify(text.length > maxQuotedLength ? `${text.slice(0, maxQuotedLength)}…` : text);

/** Quotes a key if it cannot contain a secret: for YAML, `password:hunter2` is a key. */
const quoteKey = (key: string) => (/^\w+$/.test(key) ? ` ${quoted(key)}` : "");

const typeNames: Record<string, string> = {
  object: "a map",
  record: "a map",
  array: "a list",
  string: "a string",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
};

/** Describes what is expected, for schemas without a message of their own. */
export const issueMessage: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "required";
      if (issue.expected === "string" && ["number", "boolean"].includes(typeof issue.input))
        return "must be a string: write it in quotes";
      if (issue.input === null && typeNames[issue.expected] === "a map") return "must be a map; an empty one is {}";
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_value": {
      const values = issue.values.map(String);
      return didYouMean(closestMatch(String(issue.input), values)) ?? `must be ${values.join(" or ")}`;
    }
    case "too_small":
      return issue.origin === "number" || issue.origin === "int" ? `minimum is ${issue.minimum}` : "must not be empty";
    case "too_big":
      return `maximum is ${issue.maximum}`;
    default:
      return undefined;
  }
};

/** Converts the issues that zod found in a value. */
export const issuesOf = (issues: Issue[], schema: z.core.$ZodType, value: unknown): FleetIssue[] =>
  issues.flatMap((issue) => flattenIssue(issue, [], { schema, value }));

interface Validated {
  schema: z.core.$ZodType;
  value: unknown;
}

function flattenIssue(issue: Issue, parent: Path, validated: Validated): FleetIssue[] {
  const path = [...parent, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKeyIssue(key, path, validated.schema));
  if (issue.code === "invalid_key")
    return [{ path, at: "key", found: quoted(String(path.at(-1))), message: issue.issues[0]!.message }];
  const inner = issueCauses(issue);
  if (inner.length > 0) return inner.filter(isPrimary).flatMap((cause) => flattenIssue(cause, path, validated));
  const { found = quoteValue(valueAt(validated.value, path), path), at } =
    (issue.code === "custom" ? issue.params : undefined) ?? {};
  return [{ path, at, found, message: issue.message }];
}

function unknownKeyIssue(key: string, path: Path, schema: z.core.$ZodType): FleetIssue {
  const known = keysAt(schema, path);
  const place = { path: [...path, key], at: "key" as const };
  if (known.includes(key)) return { ...place, message: `the key${quoteKey(key)} cannot be combined with the others` };
  const hint = didYouMean(closestMatch(key, known)) ?? `allowed: ${[...new Set(known)].join(", ")}`;
  return { ...place, message: `unknown key${quoteKey(key)}; ${hint}` };
}

// A variant with an unknown key usually lacks a known one. The unknown key explains both.
const isPrimary = ({ code }: Issue, _: number, all: Issue[]) =>
  code === "unrecognized_keys" || !all.some((other) => other.code === "unrecognized_keys");
