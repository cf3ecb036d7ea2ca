import type { Expected } from "../host/identity";
import type { OrUnknown } from "../model/unknown";
import { isKnown } from "../model/unknown";
import type { HostIdentity } from "./kinds/outputs";
import type { State } from "./state";

/** Returns the identity for the state, without what could not be read. */
export const toStateIdentity = ({ productUuid, machineId }: Expected): HostIdentity => ({
  productUuid: known(productUuid),
  machineId: known(machineId),
});

/** Returns the identity of the machine that a state belongs to. */
export function expectedIdentity({ identity }: State): Expected | undefined {
  if (identity === undefined) return undefined;
  const { productUuid = null, machineId = null } = identity as HostIdentity;
  return { productUuid, machineId };
}

const known = (fact: OrUnknown<string | null>) => (isKnown(fact) && fact !== null ? fact : undefined);
