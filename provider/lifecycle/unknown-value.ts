/** What the engine puts in the place of a value that is not known in preview: `pulumi.runtime.unknownValue`. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type Path = readonly PropertyKey[];

/** Where it stands within a value, at whatever depth. */
export function unknownsIn(value: unknown, at: Path = []): Path[] {
  if (value === unknownValue) return [at];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => unknownsIn(part, [...at, key]));
}

export const isKnownWhole = (value: unknown): boolean => unknownsIn(value).length === 0;
