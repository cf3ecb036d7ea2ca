import { isSameMachine } from "../host/identity";
import type { OrUnknown } from "../model/unknown";
import { isKnown } from "../model/unknown";
import type { HostPreview, PlannedHost, RegisteredHost } from "../preview/host-preview";
import { byName } from "./format";

/** Several host names of one machine. */
export interface DuplicateHosts {
  hosts: string[];
  /** "product UUID 4c4c4544-…" */
  identity: string;
}

type Identity = PlannedHost["identity"];
type Identified = { host: string; identity: Identity };

const hasIdentity = (one: HostPreview | RegisteredHost): one is Extract<typeof one, Identified> =>
  "identity" in one && one.identity !== undefined;

/** Finds hosts that are the same machine. They would undo each other's changes. Clones of one image differ in their hardware. */
export function duplicateHosts(previews: readonly (HostPreview | RegisteredHost)[]): DuplicateHosts[] {
  const reachable = previews.filter(hasIdentity).sort((a, b) => byName(a.host, b.host));
  const machines: [Identified, ...Identified[]][] = [];
  for (const host of reachable) {
    const machine = machines.find(([first]) => isSameMachine(first.identity, host.identity));
    if (machine) machine.push(host);
    else machines.push([host]);
  }
  return machines
    .filter(({ length }) => length > 1)
    .map((machine) => ({ hosts: machine.map(({ host }) => host), identity: formatIdentity(machine[0].identity) }));
}

const value = (fact: OrUnknown<string | null>): string | null => (isKnown(fact) ? fact : null);

function formatIdentity({ productUuid, machineId }: Identity): string {
  const ids = [
    ["product UUID", value(productUuid)],
    ["machine id", value(machineId)],
  ] as const;
  return ids.flatMap(([name, text]) => (text === null ? [] : [`${name} ${text}`])).join(", ");
}
