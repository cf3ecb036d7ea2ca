import type { z } from "zod";
import { oneLine } from "./printable";

type Issue = z.core.$ZodIssue;

/** What is wrong, after the property where it is: `connection.proxy.port: ...`. */
export function inWords(issue: Issue): string {
  const { path, message } = mostTelling(issue);
  return oneLine(path.length ? `${property(path)}: ${message}` : message, 400);
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
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const [meant] = [...issue.errors].sort((a, b) => misfit(a) - misfit(b));
  const inner = mostTelling(meant![0]!);
  return { path: [...issue.path, ...inner.path], message: inner.message };
}

function misfit(issues: Issue[]): number {
  if (issues.some(({ code, path }) => code === "invalid_type" && path.length === 0)) return 2;
  return issues.some(({ code }) => code === "unrecognized_keys") ? 1 : 0;
}
