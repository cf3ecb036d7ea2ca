import type { Expected } from "../host/identity";
import { isKnown, type Known } from "../model/unknown";
import type { HostIdentity } from "./kinds/outputs";
import type { State } from "./state";

/** As the state keeps it: what could not be read is left out. */
export const asKept = ({ productUuid, machineId }: Expected): HostIdentity => ({ productUuid: known(productUuid), machineId: known(machineId) });

/** The machine that a state speaks of. */
export function expectedBy({ identity }: State): Expected | undefined {
  if (identity === undefined) return undefined;
  const { productUuid = null, machineId = null } = identity as HostIdentity;
  return { productUuid, machineId };
}

const known = (fact: Known<string | null>) => (isKnown(fact) && fact !== null ? fact : undefined);
