import * as pulumi from "@pulumi/pulumi";
import type { Fleet, HostSettings, SecretReference } from "../fleet";
import { readFleet, resolveLocally } from "../fleet";
import { packageFromFleet, resolveConnection } from "../fleet/resolve";
import { isUserError } from "../model/errors";
import type { ConnectionArgs } from "../resources/connection";
import type { FleetHostArgs } from "./vgpu-fleet";
import type { RolloutArgs } from "./waves";

/** The hosts of a fleet file; a mistake in it ends the program before anything is registered, with all mistakes told. */
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

/** As late as can be, and marked: so it is nowhere in clear. */
const secret = (fleet: Fleet, reference: SecretReference): pulumi.Output<string> =>
  "config" in reference
    ? new pulumi.Config().requireSecret(reference.config)
    : pulumi.secret(resolveLocally(fleet)(reference));
