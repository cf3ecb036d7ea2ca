import { z } from "zod";

/** What could not be read, and why. Facts never guess: absent is `null`, unread is this. */
export const Unknown = z.strictObject({ unknown: z.string() });
export type Unknown = z.infer<typeof Unknown>;

export type OrUnknown<T> = T | Unknown;

/** The schema of a fact that may turn out to be unreadable. */
export const orUnknown = <S extends z.ZodType>(schema: S) => z.union([Unknown, schema]);

export const unknown = (reason: string): Unknown => ({ unknown: reason });

export function isUnknown(fact: unknown): fact is Unknown {
  return typeof fact === "object" && fact !== null && typeof (fact as Unknown).unknown === "string";
}

export function isKnown<T>(fact: OrUnknown<T>): fact is T {
  return !isUnknown(fact);
}

/** Goes on with what is known; what is not stays so, with its reason. */
export function mapKnown<T, R>(fact: OrUnknown<T>, then: (value: T) => R): OrUnknown<R> {
  return isUnknown(fact) ? fact : then(fact);
}
