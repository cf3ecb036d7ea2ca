import type { Connection } from "../model/connection";
import { partsOf, type WantedHost, WantedParts } from "../outlook/wanted-host";
import type { Fleet } from "./fleet";
import { lookUpLocally } from "./look-up";
import { pathFromFleet } from "./paths";
import { reached } from "./reached";
import type { HostSettings } from "./schema/settings";

/** The hosts of a fleet as the resources of VgpuHost would ask for them, with secrets that are kept on this machine. */
export const wantedHosts = (fleet: Fleet, lookUp = lookUpLocally(fleet)): WantedHost[] =>
  fleet.hosts.map(({ name, connection, maintenance, driver, ...settings }) => ({
    host: name,
    connection: reached(fleet, connection, lookUp) as Connection,
    maintenance,
    ...WantedParts.parse(partsOf({ ...settings, driver: driver && { ...driver, package: packageFromFleet(fleet, driver.package) } })),
  }));

type Package = NonNullable<HostSettings["driver"]>["package"];

/** Where a package is, seen from where the program runs. */
export const packageFromFleet = (fleet: Fleet, source: Package): Package => (typeof source === "string" ? pathFromFleet(fleet, source) : source);
