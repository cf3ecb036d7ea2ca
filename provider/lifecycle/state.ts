/** What Pulumi keeps of a resource: inputs or outputs, as JSON. */
export type State = Record<string, unknown>;

export const schemaVersion = 1;

/**
 * A copy that the engine can store. What is undefined is left out: a single one would make the whole call fail, or hang. What
 * JSON cannot hold is a mistake of ours, and is found here instead of coming back as something else.
 */
export const toState = (value: object): State => storable(value, "state") as State;

function storable(value: unknown, at: string): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((part, i) => storable(part, `${at}[${i}]`));
  if (typeof value !== "object" || !isPlain(value)) throw new TypeError(`${at} holds what cannot be stored: ${String(value)}`);
  const kept = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(kept.map(([key, part]) => [key, storable(part, `${at}.${key}`)]));
}

const isPlain = (value: object) => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);

export const pick = (from: State, keys: readonly string[]): State =>
  Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
