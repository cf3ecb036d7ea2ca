import { originOf } from "../merge";
import type { Member } from "../members";
import type { HostSettings } from "../schema/settings";
import type { Fault } from "./fault";

/** Hosts that are reached in the same way, so that they are one. */
export function sameAddress(members: Member[], hosts: HostSettings[]): Fault[] {
  const byAddress = new Map<string, string[]>();
  for (const { name, connection: { host, port = 22, proxy } } of hosts) {
    const address = JSON.stringify([host, port, proxy]);
    byAddress.set(address, [...(byAddress.get(address) ?? []), name]);
  }
  return [...byAddress.values()].filter((names) => names.length > 1).map((names) => {
    const others = members.filter(({ name }) => names.includes(name));
    const paths = others.map(({ merged }) => originOf(merged, ["connection", "host"]));
    const more = names.length > 2 ? ` and ${names.length - 2} more` : "";
    const says = `${names[0]}, ${names[1]}${more} would be one machine: each needs an address of its own`;
    return { path: paths.filter((path) => path.length > 2).at(-1)!, says };
  });
}
