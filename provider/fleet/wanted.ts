import type { Connection } from "../model/connection";
import { DriverArguments } from "../model/desired/driver";
import { SriovArguments } from "../model/desired/sriov";
import { LayoutArguments } from "../model/desired/vgpu";
import type { WantedHost } from "../outlook/wanted-host";
import type { Fleet } from "./fleet";
import { lookUpLocally } from "./look-up";
import { pathFromFleet } from "./paths";
import { reached } from "./reached";
import type { HostSettings } from "./schema/settings";

/** The hosts of a fleet as the resources of VgpuHost would ask for them, with secrets that are kept on this machine. */
export const wantedHosts = (fleet: Fleet, lookUp = lookUpLocally(fleet)): WantedHost[] =>
  fleet.hosts.map((host) => ({
    host: host.name,
    connection: reached(fleet, host.connection, lookUp) as Connection,
    maintenance: host.maintenance,
    driver: driverOf(fleet, host),
    sriov: sriovOf(host),
    layouts: layoutsOf(host),
  }));

function driverOf(fleet: Fleet, { driver, reboot, iommu, prerequisites, dkms }: HostSettings): DriverArguments | undefined {
  return driver && DriverArguments.parse({ ...driver, package: packageFromFleet(fleet, driver.package), reboot, iommu, prerequisites, dkms });
}

type Package = NonNullable<HostSettings["driver"]>["package"];

/** Where a package is, seen from where the program runs. */
export const packageFromFleet = (fleet: Fleet, source: Package): Package => (typeof source === "string" ? pathFromFleet(fleet, source) : source);

function sriovOf({ gpus }: HostSettings): SriovArguments | undefined {
  const matches = Object.values(gpus).map(({ match }) => match);
  return matches.length > 0 ? SriovArguments.parse({ gpus: matches }) : undefined;
}

function layoutsOf({ gpus }: HostSettings): Record<string, LayoutArguments> {
  const carrying = Object.entries(gpus).filter(([, { vgpus, named }]) => vgpus ?? named);
  return Object.fromEntries(carrying.map(([card, { match, vgpus, named }]) => [card, LayoutArguments.parse({ gpu: match, vgpus, named, onDelete: "removeFree" })]));
}
