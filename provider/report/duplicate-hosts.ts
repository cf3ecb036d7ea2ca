import type { OrUnknown } from "../model/unknown";
import { isKnown } from "../model/unknown";
import type { HostPreview, PlannedHost } from "../preview/host-preview";
import { byName } from "./format";

/** Names of a fleet behind which one machine answers. */
export interface DuplicateHosts {
  hosts: string[];
  /** "product UUID 4c4c4544-…" */
  identity: string;
}

type Identity = PlannedHost["identity"];

/** Two names of one machine would undo each other's work. Clones of one image are told apart by their hardware. */
export function duplicateHosts(outlooks: readonly HostPreview[]): DuplicateHosts[] {
  const seen = outlooks.filter((one) => one.status === "reachable").sort((a, b) => byName(a.host, b.host));
  const families: [PlannedHost, ...PlannedHost[]][] = [];
  for (const host of seen) {
    const family = families.find(([first]) => isSameMachine(first.identity, host.identity));
    if (family) family.push(host);
    else families.push([host]);
  }
  return families
    .filter(({ length }) => length > 1)
    .map((family) => ({ hosts: family.map(({ host }) => host), identity: formatIdentity(family[0].identity) }));
}

/** Nothing that both tell differs, and both tell something. */
function isSameMachine(a: Identity, b: Identity): boolean {
  const pairs = [
    [a.productUuid, b.productUuid],
    [a.machineId, b.machineId],
  ].map(([one, other]) => [value(one!), value(other!)] as const);
  const told = pairs.filter(([one, other]) => one !== null && other !== null);
  return told.length > 0 && told.every(([one, other]) => one === other);
}

const value = (fact: OrUnknown<string | null>): string | null => (isKnown(fact) ? fact : null);

function formatIdentity({ productUuid, machineId }: Identity): string {
  const words = [
    ["product UUID", value(productUuid)],
    ["machine id", value(machineId)],
  ] as const;
  return words.flatMap(([name, text]) => (text === null ? [] : [`${name} ${text}`])).join(", ");
}
