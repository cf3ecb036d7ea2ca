import { formatPath } from "../../model/issue";
import type { HostEntry } from "../host-entries";
import { patternsOf } from "../host-entries";
import { originOf } from "../merge";
import { countOf } from "../ranges";
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
    const known = repeated.get(key);
    if (known) known.names.push(entry.name);
    else repeated.set(key, { path: entry.at, names: [entry.name], other: formatPath(other.at) });
  }
  return [...repeated.values()].map(({ path, names, other }) => {
    const message = `also in ${other}; a host must be named only once`;
    return { path, found: quoteList(names), message, ...(isHostKey(path) && { at: "key" }) };
  });
}

const isHostKey = ([section]: Path) => section === "hosts";

/** Returns the overrides of hosts that are not in the group. */
export function unknownOverrides({ groups = {} }: FleetFile, entries: HostEntry[]): FleetIssue[] {
  const ofGroups = new Map<string | undefined, string[]>();
  for (const { group, name } of entries) addTo(ofGroups, group, name);
  return Object.entries(groups).flatMap(([group, { hosts, overrides = {} }]) =>
    unknownNames(Object.keys(overrides), ofGroups.get(group) ?? []).map(
      ({ name, hint }): FleetIssue => ({
        path: ["groups", group, "overrides", name],
        at: "key",
        found: quoted(name),
        message: hint ?? `not in this group, which has ${[hosts].flat().slice(0, 10).join(", ")}`,
      }),
    ),
  );
}

/** Returns the canaries that are not hosts of the file. */
export const unknownCanaries = ({ rollout }: FleetFile, entries: HostEntry[]): FleetIssue[] =>
  unknownNames(
    rollout?.canary ?? [],
    entries.map(({ name }) => name),
  ).map(({ name, i, hint }) => ({
    path: ["rollout", "canary", i],
    found: quoted(name),
    message: hint ?? "no such host in groups or hosts",
  }));

/** To find a similar name takes a comparison with each host. */
const maxHints = 20;

/** Returns the names that are not among the known ones, with the name that may be meant. */
function unknownNames(names: string[], known: string[]): { name: string; i: number; hint?: string }[] {
  const all = new Set(known);
  return names
    .map((name, i) => ({ name, i }))
    .filter(({ name }) => !all.has(name))
    .map((one, n) => ({ ...one, hint: n < maxHints ? didYouMean(closestHost(one.name, known)) : undefined }));
}

function addTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Returns an issue for a file without hosts: with it, Pulumi would delete the whole fleet. */
export const noHosts = (file: FleetFile, entries: HostEntry[]): FleetIssue[] =>
  entries.length > 0
    ? []
    : [{ path: file.hosts ? ["hosts"] : [], at: "key", message: "no host is declared; add one under hosts or groups" }];

const maxHosts = 50_000;

/** Returns an issue for more hosts than can be handled, before their ranges are expanded. */
export function tooManyHosts({ groups = {} }: FleetFile): FleetIssue | undefined {
  let hosts = 0;
  for (const [group, { hosts: patterns }] of Object.entries(groups))
    for (const { pattern, at } of patternsOf(patterns, ["groups", group, "hosts"])) {
      hosts += countOf(pattern);
      if (hosts > maxHosts)
        return { path: at, message: `up to here, the file has ${hosts} hosts; maximum is ${maxHosts}` };
    }
  return undefined;
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
  const mergedOf = new Map(entries.map(({ name, merged }) => [name, merged]));
  const byAddress = new Map<string, string[]>();
  for (const {
    name,
    connection: { host, port = 22, proxy },
  } of hosts)
    addTo(byAddress, JSON.stringify([host, port, proxy]), name);
  return [...byAddress.values()]
    .filter((names) => names.length > 1)
    .map((names) => {
      const paths = names.map((name) => originOf(mergedOf.get(name)!, ["connection", "host"]));
      const more = names.length > 2 ? ` and ${names.length - 2} more` : "";
      const message = `${names[0]}, ${names[1]}${more} have the same address; each host needs its own`;
      return { path: paths.filter((path) => path.length > 2).at(-1)!, message };
    });
}

/** Returns the former names that another host has or had: Pulumi would confuse the two hosts. */
export function takenFormerNames(entries: HostEntry[], settings: HostSettings[]): FleetIssue[] {
  const mergedOf = new Map(entries.map(({ name, merged }) => [name, merged]));
  const taken = new Set(mergedOf.keys());
  return settings.flatMap(({ name, formerly }): FleetIssue[] => {
    if (formerly === undefined) return [];
    const isTaken = taken.has(formerly);
    taken.add(formerly);
    const message = "this is the name or former name of another host";
    const path = isTaken && originOf(mergedOf.get(name)!, ["formerly"]);
    return path ? [{ path, found: quoted(formerly), message }] : [];
  });
}
