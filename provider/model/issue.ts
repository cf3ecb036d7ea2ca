import type { z } from "zod";
import { sanitizeLine } from "./text";

export type Issue = z.core.$ZodIssue;

/** Returns the issues below a union or a key: of a union, those of the alternative that fits best. */
export function issueCauses(issue: Issue): Issue[] {
  if (issue.code === "invalid_key") return issue.issues;
  if (issue.code !== "invalid_union") return [];
  return wrongKind(issue.errors) ?? [...issue.errors].sort((a, b) => mismatchCount(a) - mismatchCount(b))[0] ?? [];
}

/** Returns one issue that names all kinds of values that a union takes, if the value is of none of them. */
function wrongKind(alternatives: Issue[][]): Issue[] | undefined {
  const kinds = alternatives.map(([first, ...more]) => {
    const expected = /^Invalid (?:input|option): expected (.*?)(?:, received .*)?$/.exec(first?.message ?? "")?.[1];
    return first?.path.length === 0 && more.length === 0 ? expected : undefined;
  });
  const [[first] = []] = alternatives;
  if (!first || kinds.length < 2 || kinds.includes(undefined)) return undefined;
  return [{ ...first, message: `Invalid input: expected ${[...new Set(kinds)].join(" or ")}` }];
}

function mismatchCount(issues: Issue[]): number {
  if (issues.some(({ code, path }) => (code === "invalid_type" || code === "invalid_value") && path.length === 0))
    return Infinity;
  return issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 1), 0);
}

/** Formats an issue with its path: `connection.proxy.port: ...`. */
export function formatIssue(issue: Issue): string {
  const { path, message } = mostSpecific(issue);
  const text = message.endsWith("received undefined") ? "required" : message;
  return sanitizeLine(path.length ? `${formatPath(path)}: ${text}` : text, 400);
}

function mostSpecific(issue: Issue): { path: PropertyKey[]; message: string } {
  const inner = issueCauses(issue)[0];
  if (!inner) return issue;
  const { path, message } = mostSpecific(inner);
  return { path: [...issue.path, ...path], message };
}

/** Formats a path as a program would write it: `connection.proxy.port`, `hosts["gpu01.example"]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^\w+$/.test(String(key))) return `${text}[${JSON.stringify(key)}]`;
    return text ? `${text}.${String(key)}` : String(key);
  }, "");
}
