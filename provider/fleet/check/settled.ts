import { originOf, plain } from "../merge";
import type { Member } from "../members";
import { HostSettings } from "../schema/settings";
import { areRelated, type Fault } from "./fault";
import { salvage } from "./salvage";

/** A host with all that the file says of it, and what is wrong with that as a whole. */
export function settled({ name, group, layers, merged }: Member, known: Fault[]): { settings?: HostSettings; faults: Fault[] } {
  const { value, faults } = salvage(HostSettings, { name, group, ...(plain(merged) as object) });
  const isNew = ({ path }: Fault) => !layers.some((layer) => known.some((before) => areRelated(before.path, [...layer, ...path])));
  return { settings: value, faults: faults.filter(isNew).map((fault) => ({ ...fault, path: originOf(merged, fault.path) })) };
}
