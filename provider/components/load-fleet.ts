import * as pulumi from "@pulumi/pulumi";
import type { Fleet, HostSettings, SecretReference } from "../fleet";
import { readFleet, resolveLocally } from "../fleet";
import { packageFromFleet, resolveConnection } from "../fleet/resolve";
import { isUserError } from "../model/errors";
import type { ConnectionArgs } from "../resources/connection";
import type { FleetHostArgs } from "./host-args";
import type { RolloutArgs } from "./waves";

/** Returns the hosts of a fleet file. A mistake in it ends the program before anything is registered, and all are listed. */
export function loadFleet(path: string): { hosts: Record<string, FleetHostArgs>; rollout?: RolloutArgs } {
  try {
    const fleet = readFleet(path);
    return {
      hosts: Object.fromEntries(fleet.hosts.map((host) => [host.name, argsOf(fleet, host)])),
      rollout: fleet.rollout,
    };
  } catch (error) {
    throw isUserError(error) ? new pulumi.RunError(error.message) : error;
  }
}

function argsOf(fleet: Fleet, { name: _, group: __, connection, driver, ...settings }: HostSettings): FleetHostArgs {
  return {
    ...settings,
    connection: resolveConnection(fleet, connection, (reference) => secret(fleet, reference)) as ConnectionArgs,
    driver: driver && { ...driver, package: packageFromFleet(fleet, driver.package) },
  };
}

/** Resolves a secret as late as possible and marks it, so that it is never in plain text. */
const secret = (fleet: Fleet, reference: SecretReference): pulumi.Output<string> =>
  "config" in reference
    ? new pulumi.Config().requireSecret(reference.config)
    : pulumi.secret(resolveLocally(fleet)(reference));
