import { formatPath } from "../../model/issue";
import type { HostEntry } from "../host-entries";
import { originOf } from "../merge";
import type { FleetFile } from "../schema/file";
import type { HostSettings } from "../schema/settings";
import type { FleetIssue, Path } from "./issues";
import { quoted } from "./issues";
import { closestHost, didYouMean } from "./suggestions";

/** Returns the hosts that are named more than once, as one issue for each pair of places. */
export function repeatedHosts(entries: HostEntry[]): FleetIssue[] {
  const first = new Map<string, HostEntry>();
  const repeated = new Map<string, { path: Path; names: string[]; other: string }>();
  for (const entry of entries) {
    const other = first.get(entry.name);
    if (!other) {
      first.set(entry.name, entry);
      continue;
    }
    const key = `${formatPath(entry.at)} ${formatPath(other.at)}`;
    const { names } = repeated.get(key) ?? { names: [] };
    repeated.set(key, { path: entry.at, names: [...names, entry.name], other: formatPath(other.at) });
  }
  return [...repeated.values()].map(({ path, names, other }) => {
    const message = `also in ${other}; a host must be named only once`;
    return { path, found: quoteList(names), message, ...(isHostKey(path) && { at: "key" }) };
  });
}

const isHostKey = ([section]: Path) => section === "hosts";

/** Returns the overrides of hosts that are not in the group. */
export function unknownOverrides({ groups = {} }: FleetFile, entries: HostEntry[]): FleetIssue[] {
  return Object.entries(groups).flatMap(([group, { hosts, overrides = {} }]) => {
    const names = entries.filter((entry) => entry.group === group).map(({ name }) => name);
    return Object.keys(overrides)
      .filter((name) => !names.includes(name))
      .map((name): FleetIssue => {
        const message =
          didYouMean(closestHost(name, names)) ?? `not in this group, which has ${[hosts].flat().join(", ")}`;
        return { path: ["groups", group, "overrides", name], at: "key", found: quoted(name), message };
      });
  });
}

/** Returns the canaries that are not hosts of the file. */
export function unknownCanaries({ rollout }: FleetFile, entries: HostEntry[]): FleetIssue[] {
  const names = entries.map(({ name }) => name);
  const canaries = (rollout?.canary ?? []).map((name, i) => ({ name, i }));
  return canaries
    .filter(({ name }) => !names.includes(name))
    .map(({ name, i }) => ({
      path: ["rollout", "canary", i],
      found: quoted(name),
      message: didYouMean(closestHost(name, names)) ?? "no such host in groups or hosts",
    }));
}

/** Returns whether the list of hosts is incomplete because of one of the issues. */
export const leavesHostsUnknown = (issues: FleetIssue[]): boolean =>
  issues.some(({ path }) => {
    const [section, , property] = path;
    return (
      path.length === 1 ||
      (path.length === 2 && section !== "rollout") ||
      (section === "groups" && property === "hosts")
    );
  });

const quoteList = (names: string[]): string =>
  names.slice(0, 3).map(quoted).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "");

/** Returns the hosts that have the same address, so that they would be one machine. */
export function sharedAddresses(entries: HostEntry[], hosts: HostSettings[]): FleetIssue[] {
  const byAddress = new Map<string, string[]>();
  for (const {
    name,
    connection: { host, port = 22, proxy },
  } of hosts) {
    const address = JSON.stringify([host, port, proxy]);
    byAddress.set(address, [...(byAddress.get(address) ?? []), name]);
  }
  return [...byAddress.values()]
    .filter((names) => names.length > 1)
    .map((names) => {
      const others = entries.filter(({ name }) => names.includes(name));
      const paths = others.map(({ merged }) => originOf(merged, ["connection", "host"]));
      const more = names.length > 2 ? ` and ${names.length - 2} more` : "";
      const message = `${names[0]}, ${names[1]}${more} have the same address; each host needs its own`;
      return { path: paths.filter((path) => path.length > 2).at(-1)!, message };
    });
}

/** Returns the former names that another host has or had: Pulumi would confuse the two hosts. */
export function takenFormerNames(entries: HostEntry[], settings: HostSettings[]): FleetIssue[] {
  const taken = new Set(entries.map(({ name }) => name));
  return settings.flatMap(({ name, formerly }): FleetIssue[] => {
    if (formerly === undefined) return [];
    const isTaken = taken.has(formerly);
    taken.add(formerly);
    const { merged } = entries.find((entry) => entry.name === name)!;
    const message = "this is the name or former name of another host";
    return isTaken ? [{ path: originOf(merged, ["formerly"]), found: quoted(formerly), message }] : [];
  });
}
