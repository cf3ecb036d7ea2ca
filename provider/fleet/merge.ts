import { secretProperties } from "../model/connection";
import type { Path } from "./check/fault";
import { isMap } from "./check/maps";

/** A value, or a map of values, and where in the file it was written. */
export type Written = { at: Path; value: unknown } | { at: Path; parts: Record<string, Written> };

/** What a part of the file says of a host, beginning at its settings. */
export function written(settings: unknown, at: Path, path: Path = []): Written {
  if (!isMap(settings) || isWhole(path)) return { at, value: settings };
  const parts = Object.entries(settings).filter(([, part]) => part !== undefined);
  return { at, parts: Object.fromEntries(parts.map(([key, part]) => [key, written(part, [...at, key], [...path, key])])) };
}

/** What makes sense as a whole only: a version with the digest of another, counts of two sizes, a selector of two kinds do not. */
function isWhole(path: Path): boolean {
  const [first] = path;
  if (first === "connection") return secretProperties.has(String(path.at(-1)));
  return first === "driver" || (first === "gpus" && path.length === 3);
}

/** The second one wins; maps are merged key by key. */
export function merge(a: Written, b: Written): Written {
  if (!("parts" in a && "parts" in b)) return b;
  const parts = { ...a.parts };
  for (const [key, part] of Object.entries(b.parts)) parts[key] = Object.hasOwn(parts, key) ? merge(parts[key]!, part) : part;
  return { at: b.at, parts };
}

/** Without the places; null takes away what was said before. */
export function plain(tree: Written): unknown {
  if (!("parts" in tree)) return tree.value;
  const parts = Object.entries(tree.parts).map(([key, part]) => [key, plain(part)]);
  return Object.fromEntries(parts.filter(([, part]) => part !== null));
}

/** Where in the file something was written, or would have to be. */
export function originOf(tree: Written, path: Path): Path {
  const [key, ...rest] = path;
  if (key === undefined) return tree.at;
  const part = "parts" in tree && Object.hasOwn(tree.parts, key) ? tree.parts[String(key)] : undefined;
  return part ? originOf(part, rest) : [...tree.at, ...path];
}
