import { secretProperties } from "../model/connection";
import type { Path } from "./validate/issues";
import { isMap } from "./validate/issues";

/** A value, or a map of values, with its path in the file. */
export type Layered = { at: Path; value: unknown } | { at: Path; parts: Record<string, Layered> };

/** Adds paths to the settings of one layer: defaults, group, override or host. */
export function toLayered(settings: unknown, at: Path, path: Path = []): Layered {
  if (!isMap(settings) || isReplacedAsWhole(path)) return { at, value: settings };
  const parts = Object.entries(settings).filter(([, part]) => part !== undefined);
  return {
    at,
    parts: Object.fromEntries(parts.map(([key, part]) => [key, toLayered(part, [...at, key], [...path, key])])),
  };
}

/** Merged parts would be wrong here: a version with the digest of another one, counts of two sizes, a selector of two kinds. */
function isReplacedAsWhole(path: Path): boolean {
  const [first] = path;
  if (first === "connection") return secretProperties.has(String(path.at(-1)));
  return first === "driver" || (first === "gpus" && path.length === 3);
}

/** Merges maps key by key. In all else, the second one wins. */
export function merge(a: Layered, b: Layered): Layered {
  if (!("parts" in a && "parts" in b)) return b;
  const parts = { ...a.parts };
  for (const [key, part] of Object.entries(b.parts))
    parts[key] = Object.hasOwn(parts, key) ? merge(parts[key]!, part) : part;
  return { at: b.at, parts };
}

/** Returns the settings without paths. `null` removes what an earlier layer set. */
export function toPlain(tree: Layered): unknown {
  if (!("parts" in tree)) return tree.value;
  const parts = Object.entries(tree.parts).map(([key, part]) => [key, toPlain(part)]);
  return Object.fromEntries(parts.filter(([, part]) => part !== null));
}

/** Returns the path in the file from which a setting comes, or where it would have to be. */
export function originOf(tree: Layered, path: Path): Path {
  const [key, ...rest] = path;
  if (key === undefined) return tree.at;
  const part = "parts" in tree && Object.hasOwn(tree.parts, key) ? tree.parts[String(key)] : undefined;
  return part ? originOf(part, rest) : [...tree.at, ...path];
}
