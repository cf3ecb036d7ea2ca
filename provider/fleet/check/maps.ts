import type { Path } from "./fault";

export type Map = Readonly<Record<PropertyKey, unknown>>;

export const isMap = (value: unknown): value is Map => typeof value === "object" && value !== null && !Array.isArray(value);

export const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce((part, key) => (typeof part === "object" && part !== null && Object.hasOwn(part, key) ? (part as Map)[key] : undefined), value);

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
