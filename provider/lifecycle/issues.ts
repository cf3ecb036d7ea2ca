import type { z } from "zod";
import { oneLine } from "./printable";

type Issue = z.core.$ZodIssue;

/** What is wrong, after the property where it is: `connection.proxy.port: ...`. */
export function inWords(issue: Issue): string {
  const { path, message } = mostTelling(issue);
  const text = message.endsWith("received undefined") ? "it has to be given" : message;
  return oneLine(path.length ? `${property(path)}: ${text}` : text, 400);
}

function property(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    if (!/^\w+$/.test(String(key))) return `${text}[${JSON.stringify(key)}]`;
    return text ? `${text}.${String(key)}` : String(key);
  }, "");
}

/** Of a union: what is wrong with the form that was meant, which is the one that fits best. */
function mostTelling(issue: Issue): { path: PropertyKey[]; message: string } {
  const inner = causes(issue)[0];
  if (!inner) return issue;
  const { path, message } = mostTelling(inner);
  return { path: [...issue.path, ...path], message };
}

function causes(issue: Issue): Issue[] {
  if (issue.code === "invalid_key") return issue.issues;
  if (issue.code !== "invalid_union") return [];
  return [...issue.errors].sort((a, b) => misfit(a) - misfit(b))[0] ?? [];
}

function misfit(issues: Issue[]): number {
  if (issues.some(({ code, path }) => (code === "invalid_type" || code === "invalid_value") && path.length === 0)) return 2;
  return issues.some(({ code }) => code === "unrecognized_keys") ? 1 : 0;
}
