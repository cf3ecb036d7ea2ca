/** Inputs or outputs of a resource, as Pulumi stores them in JSON. */
export type State = Record<string, unknown>;

export const schemaVersion = 2;

/**
 * Returns a copy that the engine can store, without undefined properties: one of them makes the whole call fail or hang. Throws
 * for values that JSON cannot hold.
 */
export const toState = (value: object): State => storable(value, "state") as State;

function storable(value: unknown, at: string): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((part, i) => storable(part, `${at}[${i}]`));
  if (typeof value !== "object" || !isPlain(value))
    throw new TypeError(`${at} contains a value that cannot be stored: ${String(value)}`);
  const kept = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(kept.map(([key, part]) => [key, storable(part, `${at}.${key}`)]));
}

const isPlain = (value: object) => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);

export const pick = (from: State, keys: readonly string[]): State =>
  Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
