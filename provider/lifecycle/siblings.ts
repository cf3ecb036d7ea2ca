import { pciAddress } from "../model/pci-address";
import type { Sibling } from "../plan";
import { formatResource } from "./claim";
import type { ProviderEnvironment } from "./environment";
import { connectionOf } from "./inputs";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";

type ByUuid = Map<string, Sibling>;

/** vGPUs in all inputs and states that this process has received, by host and, there, by URN. */
const recorded = new WeakMap<ProviderEnvironment, Map<string, Map<string, ByUuid>>>();

/** Records the vGPUs that a resource has or declares. A resource that is only read owns none. */
export function recordVgpus<A extends object>(
  { vgpus }: ResourceKind<A>,
  environment: ProviderEnvironment,
  from: State,
): void {
  if (!vgpus || from.external) return;
  const urn = from.__urn as string;
  const { host } = connectionOf(from);
  const all = recorded.get(environment) ?? new Map<string, Map<string, ByUuid>>();
  const there = all.get(host) ?? new Map<string, ByUuid>();
  const its = there.get(urn) ?? new Map<string, Sibling>();
  recorded.set(environment, all.set(host, there.set(urn, its)));
  for (const { uuid, parentAddress, typeId } of vgpus(from)) {
    if (uuid === undefined || its.get(uuid)?.function !== undefined) continue;
    const at = parentAddress === undefined ? undefined : pciAddress(parentAddress);
    its.set(uuid, { resource: formatResource(urn), urn, uuid, function: at, typeId });
  }
}

/** Returns the vGPUs that other resources of the stack have on a host. */
export const siblingsOf = (environment: ProviderEnvironment, host: string, urn: string): Sibling[] =>
  [...(recorded.get(environment)?.get(host) ?? [])].flatMap(([other, its]) => (other === urn ? [] : [...its.values()]));
