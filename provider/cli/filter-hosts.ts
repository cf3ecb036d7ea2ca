import type { Fleet } from "../fleet";
import { expand } from "../fleet/ranges";
import { noSuchHost } from "../fleet/show";

/** A fleet with no hosts but those that are named, singly or as ranges; without a word, with all. */
export function filterHosts(fleet: Fleet, patterns: readonly string[] | undefined): Fleet {
  if (!patterns) return fleet;
  const wanted = new Set(patterns.flatMap(expand));
  const names = fleet.hosts.map(({ name }) => name);
  const unknown = [...wanted].find((name) => !names.includes(name));
  if (unknown === undefined) return { ...fleet, hosts: fleet.hosts.filter(({ name }) => wanted.has(name)) };
  throw noSuchHost(fleet, unknown, "look at");
}
