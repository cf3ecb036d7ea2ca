import { driver as driverKind } from "../lifecycle/kinds/driver";
import { layout as layoutKind } from "../lifecycle/kinds/layout";
import { sriov as sriovKind } from "../lifecycle/kinds/sriov";
import type { Cargo, Subject } from "../lifecycle/resource-kind";
import type { Connection } from "../model/connection";
import type { DriverArguments } from "../model/desired/driver";
import type { SriovArguments } from "../model/desired/sriov";
import type { LayoutArguments } from "../model/desired/vgpu";
import type { HostFacts } from "../model/facts/host-facts";
import type { CardDesire, DriverDesire, SriovDesire } from "../plan";
import type { Desires } from "./plan-ahead";
import { recall } from "./recall";
import type { Whose } from "./whose";

/** A host as somebody wants it, checked. */
export interface WantedHost {
  /** As the fleet calls it. */
  host: string;
  connection: Connection;
  /** Why it is left alone. */
  maintenance?: string;
  driver?: DriverArguments;
  sriov?: SriovArguments;
  /** By the card's key. */
  layouts: Record<string, LayoutArguments>;
}

/** What is wanted of a host, as its resources would ask for it. */
export function desiresOf({ host, driver, sriov, layouts }: WantedHost, facts: HostFacts, whose: Whose, cargo?: Cargo): Desires {
  const subject = (urn: string): Subject => ({ urn, owner: whose.owner, last: {} });
  const card = ([key, declared]: [string, LayoutArguments]): CardDesire => {
    const urn = whose.urnOfLayout(host, key);
    const complete = layoutKind.complete!(declared, {}, urn) as LayoutArguments;
    return layoutKind.desire(complete, { ...subject(urn), last: recall(facts, complete, { owner: whose.owner, urn }) }) as CardDesire;
  };
  return {
    driver: driver && (driverKind.desire(driver, subject(`driver of ${host}`), cargo) as DriverDesire),
    sriov: sriov && (sriovKind.desire(sriov, subject(`virtual functions of ${host}`)) as SriovDesire),
    cards: Object.entries(layouts).map(card),
  };
}
