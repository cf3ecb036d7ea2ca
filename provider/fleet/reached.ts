import type { Fleet } from "./fleet";
import { pathFromFleet } from "./paths";
import { resolveReferences, type Resolved } from "./references";
import type { FleetConnection } from "./schema/connection";
import type { SecretReference } from "./schema/secret";

/** A connection as whoever dials needs it: secrets in their places, and files found from where the program runs. */
export function reached<Secret>(
  fleet: Fleet, connection: FleetConnection, lookUp: (reference: SecretReference) => Secret,
): Resolved<FleetConnection, Secret> {
  return resolveReferences(withPaths(fleet, connection), lookUp);
}

function withPaths(fleet: Fleet, connection: FleetConnection): FleetConnection {
  const { privateKeyPath, knownHosts, proxy } = connection;
  return {
    ...connection,
    ...(privateKeyPath !== undefined && { privateKeyPath: pathFromFleet(fleet, privateKeyPath) }),
    // It may also be a word, or lines of such a file.
    ...(knownHosts !== undefined && /^\.{1,2}\//.test(knownHosts) && { knownHosts: pathFromFleet(fleet, knownHosts) }),
    ...(proxy && { proxy: withPaths(fleet, proxy as FleetConnection) }),
  };
}
