import { secretProperties } from "../model/connection";
import { isMap } from "./check/maps";
import type { FleetConnection } from "./schema/connection";
import type { SecretReference } from "./schema/secret";

/** The same with something else in the place of each reference. */
export type Resolved<Part, Secret> = Part extends SecretReference
  ? Secret
  : Part extends object
    ? { [Key in keyof Part]: Resolved<Part[Key], Secret> }
    : Part;

/** A connection with its secrets, as whoever uses it keeps secrets: as text, or as outputs of Pulumi. */
export function resolveReferences<Secret>(
  connection: FleetConnection,
  lookUp: (reference: SecretReference) => Secret,
): Resolved<FleetConnection, Secret> {
  const resolve = (part: unknown): unknown => {
    if (!isMap(part)) return part;
    const entries = Object.entries(part).map(([key, value]) => [key, isReference(key, value) ? lookUp(value) : resolve(value)]);
    return Object.fromEntries(entries);
  };
  return resolve(connection) as Resolved<FleetConnection, Secret>;
}

const isReference = (key: string, value: unknown): value is SecretReference => secretProperties.has(key) && value !== undefined;
