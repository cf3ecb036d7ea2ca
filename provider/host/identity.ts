import type { Identity } from "../model/facts/system";
import { UserError } from "../model/errors";
import { isKnown, type Known } from "../model/unknown";

export type Expected = Pick<Identity, "productUuid" | "machineId">;

const differ = (a: Known<string | null>, b: Known<string | null>): boolean =>
  isKnown(a) && isKnown(b) && a !== null && b !== null && a !== b;

const isThere = (fact: Known<string | null>): boolean => isKnown(fact) && fact !== null;

/** Hardware is told by its product UUID, and by the machine id where the firmware has none. */
export function isOtherMachine(expected: Expected, found: Expected): boolean {
  const hasHardware = isThere(expected.productUuid) && isThere(found.productUuid);
  return hasHardware ? differ(expected.productUuid, found.productUuid) : differ(expected.machineId, found.machineId);
}

/** The same hardware, with another system on it. */
export const isReimaged = (expected: Expected, found: Expected): boolean =>
  !isOtherMachine(expected, found) && differ(expected.machineId, found.machineId);

export function otherMachine(host: string, expected: Expected, found: Expected): UserError {
  return new UserError({
    tried: "change the host", host,
    seen: `another machine answers there: ${told(found)} instead of ${told(expected)}; nothing was touched`,
    next: "Correct the connection, or delete the resource and create it anew for the new machine.",
  });
}

const told = ({ productUuid, machineId }: Expected): string =>
  isThere(productUuid) ? `product UUID ${String(productUuid)}` : `machine id ${String(machineId)}`;
