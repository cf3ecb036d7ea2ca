import type { HostIdentity } from "../lifecycle/kinds/outputs";
import type { State } from "../lifecycle/state";
import { UserError } from "../model/errors";
import type { Identity } from "../model/facts/system";
import type { OrUnknown } from "../model/unknown";
import { isKnown } from "../model/unknown";

export type Expected = Pick<Identity, "productUuid" | "machineId">;

const differ = (a: OrUnknown<string | null>, b: OrUnknown<string | null>): boolean =>
  isKnown(a) && isKnown(b) && a !== null && b !== null && a !== b;

const isThere = (fact: OrUnknown<string | null>): boolean => isKnown(fact) && fact !== null;

/** Hardware is told by its product UUID, and by the machine id where the firmware has none. */
export function isOtherMachine(expected: Expected, found: Expected): boolean {
  const hasHardware = isThere(expected.productUuid) && isThere(found.productUuid);
  return hasHardware ? differ(expected.productUuid, found.productUuid) : differ(expected.machineId, found.machineId);
}

/** The same hardware, with another system on it. */
export const isReimaged = (expected: Expected, found: Expected): boolean =>
  !isOtherMachine(expected, found) && differ(expected.machineId, found.machineId);

export function otherMachineError(host: string, expected: Expected, found: Expected): UserError {
  return new UserError({
    action: "change the host",
    host,
    cause: `another machine answers there: ${told(found)} instead of ${told(expected)}; nothing was touched`,
    hint: "Correct the connection, or delete the resource and create it anew for the new machine.",
  });
}

const told = ({ productUuid, machineId }: Expected): string =>
  isThere(productUuid) ? `product UUID ${String(productUuid)}` : `machine id ${String(machineId)}`;

/** As the state keeps it: what could not be read is left out. */
export const toStateIdentity = ({ productUuid, machineId }: Expected): HostIdentity => ({
  productUuid: known(productUuid),
  machineId: known(machineId),
});

/** The machine that a state speaks of. */
export function expectedIdentity({ identity }: State): Expected | undefined {
  if (identity === undefined) return undefined;
  const { productUuid = null, machineId = null } = identity as HostIdentity;
  return { productUuid, machineId };
}

const known = (fact: OrUnknown<string | null>) => (isKnown(fact) && fact !== null ? fact : undefined);
