import { z } from "zod";

/** A fact that could not be read, and why. Facts never guess: `null` means absent. */
export const Unknown = z.strictObject({ unknown: z.string() });
export type Unknown = z.infer<typeof Unknown>;

export type OrUnknown<T> = T | Unknown;

/** Returns the schema of a fact that may be unreadable. */
export const orUnknown = <S extends z.ZodType>(schema: S) => z.union([Unknown, schema]);

export const unknown = (reason: string): Unknown => ({ unknown: reason });

export function isUnknown(fact: unknown): fact is Unknown {
  return typeof fact === "object" && fact !== null && typeof (fact as Unknown).unknown === "string";
}

export function isKnown<T>(fact: OrUnknown<T>): fact is T {
  return !isUnknown(fact);
}

/** Applies a function to a known fact; an unknown one stays unknown, with its reason. */
export function mapKnown<T, R>(fact: OrUnknown<T>, then: (value: T) => R): OrUnknown<R> {
  return isUnknown(fact) ? fact : then(fact);
}
