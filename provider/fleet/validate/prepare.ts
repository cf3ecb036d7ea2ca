import { z } from "zod";
import type { FleetIssue, Path } from "./issues";
import { isMap, quoted } from "./issues";
import { variantsOf } from "./schema-walk";

/**
 * Prepares a value for its schema. Removes keys that begin with `x-` from maps with fixed keys: they are the user's own, for anchors
 * and remarks. Elsewhere they are names like others. Adds an issue for each name `__proto__`, which zod would leave out silently.
 */
export function prepare(
  schema: z.core.$ZodType,
  value: unknown,
  issues: FleetIssue[],
  path: PropertyKey[] = [],
): unknown {
  const defs = variantsOf(schema).map(({ _zod }) => _zod.def);
  const isList = Array.isArray(value);
  if (!isList && !isMap(value)) return value;
  const named = defs.find((def) => def.type === "record");
  const list = defs.find((def) => def.type === "array");
  const objects = defs.filter((def) => def.type === "object");
  const schemaOf = (key: string) =>
    isList ? list?.element : (named?.valueType ?? objects.find(({ shape }) => Object.hasOwn(shape, key))?.shape[key]);
  const isOwn = (key: string) => !isList && !named && objects.length > 0 && key.startsWith("x-");

  const replaced = new Map<string, unknown>();
  const removed = new Set<string>();
  for (const [key, part] of Object.entries(value)) {
    path.push(isList ? Number(key) : key);
    const of = schemaOf(key);
    if (isOwn(key)) removed.add(key);
    else if (named && key === "__proto__") {
      removed.add(key);
      issues.push(refusedName(named.keyType, path));
    } else if (of) {
      const prepared = prepare(of, part, issues, path);
      if (prepared !== part) replaced.set(key, prepared);
    }
    path.pop();
  }
  if (replaced.size + removed.size === 0) return value;
  if (isList) return value.map((part, i) => replaced.get(String(i)) ?? part);
  const kept = Object.entries(value).filter(([key]) => !removed.has(key));
  return Object.fromEntries(kept.map(([key, part]) => [key, replaced.get(key) ?? part]));
}

function refusedName(keyType: z.core.$ZodType, path: Path): FleetIssue {
  const name = String(path.at(-1));
  const { error } = z.safeParse(keyType, name);
  return { path: [...path], at: "key", found: quoted(name), message: error?.issues[0]?.message ?? "cannot be a name" };
}
