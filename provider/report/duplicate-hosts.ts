import type { OrUnknown } from "../model/unknown";
import { isKnown } from "../model/unknown";
import type { HostPreview, PlannedHost } from "../preview/host-preview";
import { byName } from "./format";

/** Several host names of one machine. */
export interface DuplicateHosts {
  hosts: string[];
  /** "product UUID 4c4c4544-…" */
  identity: string;
}

type Identity = PlannedHost["identity"];

/** Finds hosts that are the same machine. They would undo each other's changes. Clones of one image differ in their hardware. */
export function duplicateHosts(previews: readonly HostPreview[]): DuplicateHosts[] {
  const reachable = previews.filter((one) => one.status === "reachable").sort((a, b) => byName(a.host, b.host));
  const machines: [PlannedHost, ...PlannedHost[]][] = [];
  for (const host of reachable) {
    const machine = machines.find(([first]) => isSameMachine(first.identity, host.identity));
    if (machine) machine.push(host);
    else machines.push([host]);
  }
  return machines
    .filter(({ length }) => length > 1)
    .map((machine) => ({ hosts: machine.map(({ host }) => host), identity: formatIdentity(machine[0].identity) }));
}

/** Returns whether all ids that both have are equal, and both have at least one. */
function isSameMachine(a: Identity, b: Identity): boolean {
  const pairs = [
    [a.productUuid, b.productUuid],
    [a.machineId, b.machineId],
  ].map(([one, other]) => [value(one!), value(other!)] as const);
  const known = pairs.filter(([one, other]) => one !== null && other !== null);
  return known.length > 0 && known.every(([one, other]) => one === other);
}

const value = (fact: OrUnknown<string | null>): string | null => (isKnown(fact) ? fact : null);

function formatIdentity({ productUuid, machineId }: Identity): string {
  const ids = [
    ["product UUID", value(productUuid)],
    ["machine id", value(machineId)],
  ] as const;
  return ids.flatMap(([name, text]) => (text === null ? [] : [`${name} ${text}`])).join(", ");
}
