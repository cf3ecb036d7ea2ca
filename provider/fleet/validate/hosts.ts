import { distance } from "fastest-levenshtein";
import { formatPath } from "../../model/issue";
import type { HostEntry } from "../members";
import { originOf } from "../merge";
import type { FleetFile } from "../schema/file";
import type { HostSettings } from "../schema/settings";
import type { FleetIssue, Path } from "./issues";
import { quoted } from "./issues";

/** Returns the candidate that is nearest to what was written; of two that are as near, the one that begins with the same letter. */
export function closestMatch(written: string, candidates: string[]): string | undefined {
  const far = (word: string) => distance(written.toLowerCase(), word.toLowerCase());
  const startsAlike = (word: string) => word[0]?.toLowerCase() === written[0]?.toLowerCase();
  const [near] = candidates
    .map((word) => ({ word, far: far(word) }))
    .sort((a, b) => a.far - b.far || Number(startsAlike(b.word)) - Number(startsAlike(a.word)));
  return near && near.far <= Math.max(1, written.length / 3) ? near.word : undefined;
}

/** The host that was meant; a number that does not exist is not taken for another. */
export function closestHost(written: string, hosts: string[]): string | undefined {
  const shortly = (host: string) => host.split(".")[0];
  const unnumbered = (host: string) => host.replace(/\d+/g, "");
  const near = hosts.find((host) => shortly(host) === shortly(written)) ?? closestMatch(written, hosts);
  return near !== undefined && unnumbered(near) === unnumbered(written) ? undefined : near;
}

export const didYouMean = (word: string | undefined): string | undefined =>
  word === undefined ? undefined : `did you mean ${word}?`;

/** Hosts that are named more than once: told once for each two places. */
export function duplicateHosts(members: HostEntry[]): FleetIssue[] {
  const first = new Map<string, HostEntry>();
  const doubles = new Map<string, { path: Path; names: string[]; other: string }>();
  for (const member of members) {
    const other = first.get(member.name);
    if (!other) {
      first.set(member.name, member);
      continue;
    }
    const key = `${formatPath(member.at)} ${formatPath(other.at)}`;
    const { names } = doubles.get(key) ?? { names: [] };
    doubles.set(key, { path: member.at, names: [...names, member.name], other: formatPath(other.at) });
  }
  return [...doubles.values()].map(({ path, names, other }) => {
    const message = `${other} has ${names.length > 1 ? "them" : "it"} too, and a host belongs in one place`;
    return { path, found: several(names), message, ...(isKey(path) && { at: "key" }) };
  });
}

const isKey = ([section]: Path) => section === "hosts";

/** Overrides of hosts that their group does not have. */
export function unknownOverrides({ groups = {} }: FleetFile, members: HostEntry[]): FleetIssue[] {
  return Object.entries(groups).flatMap(([group, { hosts, overrides = {} }]) => {
    const names = members.filter((member) => member.group === group).map(({ name }) => name);
    return Object.keys(overrides)
      .filter((name) => !names.includes(name))
      .map((name): FleetIssue => {
        const message = didYouMean(closestHost(name, names)) ?? `this group has ${[hosts].flat().join(", ")}`;
        return { path: ["groups", group, "overrides", name], at: "key", found: quoted(name), message };
      });
  });
}

/** Canaries that are no hosts. */
export function unknownCanaries({ rollout }: FleetFile, members: HostEntry[]): FleetIssue[] {
  const names = members.map(({ name }) => name);
  const canaries = (rollout?.canary ?? []).map((name, i) => ({ name, i }));
  return canaries
    .filter(({ name }) => !names.includes(name))
    .map(({ name, i }) => ({
      path: ["rollout", "canary", i],
      found: quoted(name),
      message: didYouMean(closestHost(name, names)) ?? "no group and no entry of hosts has it",
    }));
}

/** Whether one of them leaves open which hosts there are. */
export const hidesHosts = (faults: FleetIssue[]): boolean =>
  faults.some(({ path }) => {
    const [section, , property] = path;
    return (
      path.length === 1 ||
      (path.length === 2 && section !== "rollout") ||
      (section === "groups" && property === "hosts")
    );
  });

const several = (names: string[]): string =>
  names.slice(0, 3).map(quoted).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "");

/** Hosts that are reached in the same way, so that they are one. */
export function sameAddress(members: HostEntry[], hosts: HostSettings[]): FleetIssue[] {
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
      const others = members.filter(({ name }) => names.includes(name));
      const paths = others.map(({ merged }) => originOf(merged, ["connection", "host"]));
      const more = names.length > 2 ? ` and ${names.length - 2} more` : "";
      const message = `${names[0]}, ${names[1]}${more} would be one machine: each needs an address of its own`;
      return { path: paths.filter((path) => path.length > 2).at(-1)!, message };
    });
}

/** Former names that another host has now, or had too: Pulumi would take the one for the other. */
export function takenNames(members: HostEntry[], settings: HostSettings[]): FleetIssue[] {
  const taken = new Set(members.map(({ name }) => name));
  return settings.flatMap(({ name, formerly }): FleetIssue[] => {
    if (formerly === undefined) return [];
    const isTaken = taken.has(formerly);
    taken.add(formerly);
    const { merged } = members.find((member) => member.name === name)!;
    const message = "another host is called so, or was";
    return isTaken ? [{ path: originOf(merged, ["formerly"]), found: quoted(formerly), message }] : [];
  });
}
