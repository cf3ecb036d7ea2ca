import type { Member } from "../members";
import { originOf } from "../merge";
import type { HostSettings } from "../schema/settings";
import type { Fault } from "./fault";
import { quoted } from "./shown";

/** Former names that another host has now, or had too: Pulumi would take the one for the other. */
export function takenNames(members: Member[], settings: HostSettings[]): Fault[] {
  const taken = new Set(members.map(({ name }) => name));
  return settings.flatMap(({ name, formerly }): Fault[] => {
    if (formerly === undefined) return [];
    const isTaken = taken.has(formerly);
    taken.add(formerly);
    const { merged } = members.find((member) => member.name === name)!;
    const says = "another host is called so, or was";
    return isTaken ? [{ path: originOf(merged, ["formerly"]), found: quoted(formerly), says }] : [];
  });
}
