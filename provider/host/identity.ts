import { BlockedError } from "../model/errors";
import type { Identity } from "../model/facts/system";
import type { OrUnknown } from "../model/unknown";
import { isKnown } from "../model/unknown";

export type Expected = Pick<Identity, "productUuid" | "machineId">;

const differ = (a: OrUnknown<string | null>, b: OrUnknown<string | null>): boolean =>
  isKnown(a) && isKnown(b) && a !== null && b !== null && a !== b;

const isPresent = (fact: OrUnknown<string | null>): boolean => isKnown(fact) && fact !== null;

/** Returns whether another machine was found: by the product UUID, or by the machine id where the firmware has no UUID. */
export function isOtherMachine(expected: Expected, found: Expected): boolean {
  const hasHardware = isPresent(expected.productUuid) && isPresent(found.productUuid);
  return hasHardware ? differ(expected.productUuid, found.productUuid) : differ(expected.machineId, found.machineId);
}

/** Returns whether the same hardware has another system installed. */
export const isReimaged = (expected: Expected, found: Expected): boolean =>
  !isOtherMachine(expected, found) && differ(expected.machineId, found.machineId);

/** Returns whether two hosts are one machine: all ids that both have are equal, and both have at least one. */
export function isSameMachine(a: Expected, b: Expected): boolean {
  const pairs = [
    [a.productUuid, b.productUuid],
    [a.machineId, b.machineId],
  ] as const;
  const known = pairs.filter((pair) => pair.every(isPresent));
  return known.length > 0 && known.every(([one, other]) => one === other);
}

export function otherMachineError(host: string, expected: Expected, found: Expected): BlockedError {
  return new BlockedError({
    action: "change the host",
    host,
    cause: `another machine answers at this address: ${describeIdentity(found)} instead of ${describeIdentity(expected)}; nothing was changed`,
    hint: "Correct the connection, or delete the resource and re-create it for the new machine.",
  });
}

const describeIdentity = ({ productUuid, machineId }: Expected): string =>
  isPresent(productUuid) ? `product UUID ${String(productUuid)}` : `machine id ${String(machineId)}`;
