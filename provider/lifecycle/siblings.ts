import { pciAddress } from "../model/pci-address";
import type { Sibling } from "../plan";
import { formatResource } from "./claim";
import type { ProviderEnvironment } from "./environment";
import { connectionOf } from "./inputs";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";

type ByUuid = Map<string, Sibling>;

/** vGPUs in all inputs and states that this process has received, by host and URN. */
const recorded = new WeakMap<ProviderEnvironment, Map<string, ByUuid>>();

const keyOf = (host: string, urn: string) => `${host} ${urn}`;

/** Records the vGPUs that a resource has or declares. A resource that is only read owns none. */
export function recordVgpus<A extends object>(
  { vgpus }: ResourceKind<A>,
  environment: ProviderEnvironment,
  from: State,
): void {
  if (!vgpus || from.external) return;
  const urn = from.__urn as string;
  const key = keyOf(connectionOf(from).host, urn);
  const all = recorded.get(environment) ?? new Map<string, ByUuid>();
  const its = all.get(key) ?? new Map<string, Sibling>();
  recorded.set(environment, all.set(key, its));
  for (const { uuid, parentAddress, typeId } of vgpus(from)) {
    if (uuid === undefined || its.get(uuid)?.function !== undefined) continue;
    const at = parentAddress === undefined ? undefined : pciAddress(parentAddress);
    its.set(uuid, { resource: formatResource(urn), urn, uuid, function: at, typeId });
  }
}

/** Returns the vGPUs that other resources of the stack have on a host. */
export const siblingsOf = (environment: ProviderEnvironment, host: string, urn: string): Sibling[] =>
  [...(recorded.get(environment) ?? [])].flatMap(([key, its]) =>
    key.startsWith(`${host} `) && key !== keyOf(host, urn) ? [...its.values()] : [],
  );
