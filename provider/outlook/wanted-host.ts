import { z } from "zod";
import { resourceInWords } from "../lifecycle/claim";
import { driver as driverKind } from "../lifecycle/kinds/driver";
import { layout as layoutKind } from "../lifecycle/kinds/layout";
import { sriov as sriovKind } from "../lifecycle/kinds/sriov";
import type { Cargo, Subject } from "../lifecycle/resource-kind";
import type { Connection } from "../model/connection";
import { DriverArguments } from "../model/desired/driver";
import { SriovArguments } from "../model/desired/sriov";
import { LayoutArguments } from "../model/desired/vgpu";
import type { HostFacts } from "../model/facts/host-facts";
import type { CardDesire, DriverDesire, SriovDesire } from "../plan";
import type { Desires } from "./plan-ahead";
import { recall } from "./recall";
import type { Whose } from "./whose";

/** What the resources of a host are given. */
export const WantedParts = z.object({
  driver: DriverArguments.optional(),
  sriov: SriovArguments.optional(),
  /** By the card's key. */
  layouts: z.record(z.string(), LayoutArguments),
});
type WantedParts = z.infer<typeof WantedParts>;

/** A host as somebody wants it, checked. */
export interface WantedHost extends WantedParts {
  /** As the fleet calls it. */
  host: string;
  connection: Connection;
  /** Why it is left alone. */
  maintenance?: string;
}

/** A host in the words of a fleet file, or of a program. */
interface Declaration extends Partial<Record<"reboot" | "rebootTimeout" | "iommu" | "prerequisites" | "dkms", unknown>> {
  driver?: object;
  gpus: Record<string, { match: unknown; vgpus?: object; named?: object; takeOver?: unknown }>;
}

/** What its resources will be given, yet to be checked: no layout for a card that somebody else fills. */
export function partsOf({ driver, gpus, reboot, rebootTimeout, iommu, prerequisites, dkms }: Declaration): z.input<typeof WantedParts> {
  const cards = Object.entries(gpus);
  const carrying = cards.filter(([, { vgpus, named }]) => vgpus ?? named);
  return {
    driver: driver && { ...driver, reboot, rebootTimeout, iommu, prerequisites, dkms },
    sriov: cards.length > 0 ? { gpus: cards.map(([, { match }]) => match) } : undefined,
    layouts: Object.fromEntries(carrying.map(([card, { match, vgpus, named, takeOver }]) => [card, { gpu: match, vgpus, named, takeOver, onDelete: "removeFree" }])),
  } as z.input<typeof WantedParts>;
}

/** What is wanted of a host, as its resources would ask for it. */
export function desiresOf({ host, driver, sriov, layouts }: WantedHost, facts: HostFacts, whose: Whose, cargo?: Cargo): Desires {
  const subject = (urn: string, resource = urn): Subject => ({ urn, claim: { owner: whose.owner, instance: "", resource }, last: {} });
  const card = ([key, declared]: [string, LayoutArguments]): CardDesire => {
    const urn = whose.urnOfLayout(host, key);
    const complete = layoutKind.complete!(declared, {}, urn) as LayoutArguments;
    const layout = subject(urn, resourceInWords(urn));
    return layoutKind.desire(complete, { ...layout, last: recall(facts, complete, layout) }) as CardDesire;
  };
  return {
    driver: driver && (driverKind.desire(driver, subject(`driver of ${host}`), cargo) as DriverDesire),
    sriov: sriov && (sriovKind.desire(sriov, subject(`virtual functions of ${host}`)) as SriovDesire),
    cards: Object.entries(layouts).map(card),
  };
}
