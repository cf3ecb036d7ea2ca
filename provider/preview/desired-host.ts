import { z } from "zod";
import { formatResource } from "../lifecycle/claim";
import { driver as driverKind } from "../lifecycle/kinds/driver";
import { layout as layoutKind } from "../lifecycle/kinds/layout";
import { sriov as sriovKind } from "../lifecycle/kinds/sriov";
import type { PackageFile, ResourceInstance } from "../lifecycle/resource-kind";
import type { Connection } from "../model/connection";
import { DriverArguments } from "../model/desired/driver";
import { SriovArguments } from "../model/desired/sriov";
import { LayoutArguments } from "../model/desired/vgpu";
import type { HostFacts } from "../model/facts/host-facts";
import type { DriverGoal, SriovGoal, VgpuGoal } from "../plan";
import type { Ownership } from "./ownership";
import type { HostGoals } from "./plan-host";
import { stateFromRecords } from "./state-from-records";

/** What the resources of a host are given. */
export const HostParts = z.object({
  driver: DriverArguments.optional(),
  sriov: SriovArguments.optional(),
  /** By the card's key. */
  layouts: z.record(z.string(), LayoutArguments),
});
type WantedParts = z.infer<typeof HostParts>;

/** A host as somebody wants it, checked. */
export interface DesiredHost extends WantedParts {
  /** As the fleet calls it. */
  host: string;
  connection: Connection;
  /** Why it is left alone. */
  maintenance?: string;
}

/** A host in the words of a fleet file, or of a program. */
interface Declaration
  extends Partial<Record<"reboot" | "rebootTimeout" | "iommu" | "prerequisites" | "dkms", unknown>> {
  driver?: object;
  gpus: Record<string, { gpu: unknown; vgpus?: object; named?: object; takeOver?: unknown }>;
}

/** What its resources will be given, yet to be checked: no layout for a card that somebody else fills. */
export function hostParts({
  driver,
  gpus,
  reboot,
  rebootTimeout,
  iommu,
  prerequisites,
  dkms,
}: Declaration): z.input<typeof HostParts> {
  const cards = Object.entries(gpus);
  const carrying = cards.filter(([, { vgpus, named }]) => vgpus ?? named);
  return {
    driver: driver && { ...driver, reboot, rebootTimeout, iommu, prerequisites, dkms },
    sriov: cards.length > 0 ? { gpus: cards.map(([, { gpu }]) => gpu) } : undefined,
    layouts: Object.fromEntries(
      carrying.map(([card, { gpu, vgpus, named, takeOver }]) => [
        card,
        { gpu: gpu, vgpus, named, takeOver, onDelete: "removeUnused" },
      ]),
    ),
  } as z.input<typeof HostParts>;
}

/** What is wanted of a host, as its resources would ask for it. */
export function hostGoals(
  { host, driver, sriov, layouts }: DesiredHost,
  facts: HostFacts,
  whose: Ownership,
  cargo?: PackageFile,
): HostGoals {
  const resource = (urn: string, resource = urn): ResourceInstance => ({
    urn,
    claim: { owner: whose.owner, instance: "", resource },
    last: {},
  });
  const card = ([key, declared]: [string, LayoutArguments]): VgpuGoal => {
    const urn = whose.urnOfLayout(host, key);
    const complete = layoutKind.withDefaults!(declared, {}, urn) as LayoutArguments;
    const layout = resource(urn, formatResource(urn));
    return layoutKind.goal(complete, { ...layout, last: stateFromRecords(facts, complete, layout) }) as VgpuGoal;
  };
  return {
    driver: driver && (driverKind.goal(driver, resource(`driver of ${host}`), cargo) as DriverGoal),
    sriov: sriov && (sriovKind.goal(sriov, resource(`virtual functions of ${host}`)) as SriovGoal),
    vgpus: Object.entries(layouts).map(card),
  };
}
