import { secretProperties } from "../model/connection";
import type { Path } from "./validate/issues";
import { isMap } from "./validate/issues";

/** A value, or a map of values, and where in the file it was written. */
export type Layered = { at: Path; value: unknown } | { at: Path; parts: Record<string, Layered> };

/** What a part of the file says of a host, beginning at its settings. */
export function layered(settings: unknown, at: Path, path: Path = []): Layered {
  if (!isMap(settings) || isWhole(path)) return { at, value: settings };
  const parts = Object.entries(settings).filter(([, part]) => part !== undefined);
  return {
    at,
    parts: Object.fromEntries(parts.map(([key, part]) => [key, layered(part, [...at, key], [...path, key])])),
  };
}

/** What makes sense as a whole only: a version with the digest of another, counts of two sizes, a selector of two kinds do not. */
function isWhole(path: Path): boolean {
  const [first] = path;
  if (first === "connection") return secretProperties.has(String(path.at(-1)));
  return first === "driver" || (first === "gpus" && path.length === 3);
}

/** The second one wins; maps are merged key by key. */
export function merge(a: Layered, b: Layered): Layered {
  if (!("parts" in a && "parts" in b)) return b;
  const parts = { ...a.parts };
  for (const [key, part] of Object.entries(b.parts))
    parts[key] = Object.hasOwn(parts, key) ? merge(parts[key]!, part) : part;
  return { at: b.at, parts };
}

/** Without the places; null takes away what was said before. */
export function plain(tree: Layered): unknown {
  if (!("parts" in tree)) return tree.value;
  const parts = Object.entries(tree.parts).map(([key, part]) => [key, plain(part)]);
  return Object.fromEntries(parts.filter(([, part]) => part !== null));
}

/** Where in the file something was written, or would have to be. */
export function originOf(tree: Layered, path: Path): Path {
  const [key, ...rest] = path;
  if (key === undefined) return tree.at;
  const part = "parts" in tree && Object.hasOwn(tree.parts, key) ? tree.parts[String(key)] : undefined;
  return part ? originOf(part, rest) : [...tree.at, ...path];
}
