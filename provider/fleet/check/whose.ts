import { inDots } from "../../model/issue";
import type { Member } from "../members";
import type { FleetFile } from "../schema/file";
import type { Fault, Path } from "./fault";
import { didYouMean, meantHost } from "./meant";
import { quoted } from "./shown";

/** Hosts that are named more than once: told once for each two places. */
export function namedTwice(members: Member[]): Fault[] {
  const first = new Map<string, Member>();
  const doubles = new Map<string, { path: Path; names: string[]; other: string }>();
  for (const member of members) {
    const other = first.get(member.name);
    if (!other) {
      first.set(member.name, member);
      continue;
    }
    const key = `${inDots(member.at)} ${inDots(other.at)}`;
    const { names } = doubles.get(key) ?? { names: [] };
    doubles.set(key, { path: member.at, names: [...names, member.name], other: inDots(other.at) });
  }
  return [...doubles.values()].map(({ path, names, other }) => {
    const says = `${other} has ${names.length > 1 ? "them" : "it"} too, and a host belongs in one place`;
    return { path, found: several(names), says, ...(isKey(path) && { at: "key" }) };
  });
}

const isKey = ([section]: Path) => section === "hosts";

/** Overrides of hosts that their group does not have. */
export function outside({ groups = {} }: FleetFile, members: Member[]): Fault[] {
  return Object.entries(groups).flatMap(([group, { hosts, overrides = {} }]) => {
    const names = members.filter((member) => member.group === group).map(({ name }) => name);
    return Object.keys(overrides).filter((name) => !names.includes(name)).map((name): Fault => {
      const says = didYouMean(meantHost(name, names)) ?? `this group has ${[hosts].flat().join(", ")}`;
      return { path: ["groups", group, "overrides", name], at: "key", found: quoted(name), says };
    });
  });
}

/** Canaries that are no hosts. */
export function unknownCanaries({ rollout }: FleetFile, members: Member[]): Fault[] {
  const names = members.map(({ name }) => name);
  const canaries = (rollout?.canary ?? []).map((name, i) => ({ name, i }));
  return canaries.filter(({ name }) => !names.includes(name)).map(({ name, i }) => ({
    path: ["rollout", "canary", i],
    found: quoted(name),
    says: didYouMean(meantHost(name, names)) ?? "no group and no entry of hosts has it",
  }));
}

/** Whether one of them leaves open which hosts there are. */
export const hidesHosts = (faults: Fault[]): boolean =>
  faults.some(({ path }) => {
    const [section, , property] = path;
    return path.length === 1 || (path.length === 2 && section !== "rollout") || (section === "groups" && property === "hosts");
  });

const several = (names: string[]): string =>
  names.slice(0, 3).map(quoted).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "");
