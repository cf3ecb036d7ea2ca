import { z } from "zod";
import { formatResource } from "../lifecycle/claim";
import { driver as driverKind } from "../lifecycle/kinds/driver";
import { layout as layoutKind } from "../lifecycle/kinds/layout";
import { mig as migKind } from "../lifecycle/kinds/mig";
import { sriov as sriovKind } from "../lifecycle/kinds/sriov";
import type { PackageFile, ResourceInstance } from "../lifecycle/resource-kind";
import type { Connection } from "../model/connection";
import { DriverArguments } from "../model/desired/driver";
import { MigArguments } from "../model/desired/mig";
import { SriovArguments } from "../model/desired/sriov";
import { LayoutArguments } from "../model/desired/vgpu";
import type { HostFacts } from "../model/facts/host-facts";
import type { DriverGoal, MigGoal, SriovGoal, VgpuGoal } from "../plan";
import type { HostGoals } from "../plan/ahead/plan-host";
import type { Ownership } from "./ownership";
import { stateFromRecords } from "./state-from-records";

/** The arguments of the resources of a host. */
export const HostParts = z.object({
  driver: DriverArguments.optional(),
  mig: MigArguments.optional(),
  sriov: SriovArguments.optional(),
  /** By the key of the GPU. */
  layouts: z.record(z.string(), LayoutArguments),
});
type ResourceArguments = z.infer<typeof HostParts>;

/** A host as it is declared, validated. */
export interface DesiredHost extends ResourceArguments {
  /** Its name in the fleet. */
  host: string;
  connection: Connection;
  /** The reason for maintenance. */
  maintenance?: string;
}

/** Returns the goals that the resources of a host would have. */
export function hostGoals(
  { host, driver, mig, sriov, layouts }: DesiredHost,
  facts: HostFacts,
  ownership: Ownership,
  packageFile?: PackageFile,
): HostGoals {
  const resource = (urn: string, resource = urn): ResourceInstance => ({
    urn,
    claim: { owner: ownership.owner, instance: "", resource },
    last: {},
  });
  const layoutGoal = ([key, declared]: [string, LayoutArguments]): VgpuGoal => {
    const urn = ownership.urnOfLayout(host, key);
    const complete = layoutKind.withDefaults!(declared, {}, urn) as LayoutArguments;
    const layout = resource(urn, formatResource(urn));
    return layoutKind.goal(complete, { ...layout, last: stateFromRecords(facts, complete, layout) }) as VgpuGoal;
  };
  return {
    driver: driver && (driverKind.goal(driver, resource(`driver of ${host}`), packageFile) as DriverGoal),
    mig: mig ? [migKind.goal(mig, resource(`MIG mode of ${host}`)) as MigGoal] : [],
    sriov: sriov ? [sriovKind.goal(sriov, resource(`virtual functions of ${host}`)) as SriovGoal] : [],
    vgpus: Object.entries(layouts).map(layoutGoal),
  };
}
