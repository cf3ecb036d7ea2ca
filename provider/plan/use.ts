import type { User } from "../model/facts/users";
import type { OrUnknown } from "../model/unknown";
import { isKnown } from "../model/unknown";
import { formatUsers } from "./format";
import type { BlockerReason } from "./plan";

/** Returns whether a device counts as in use: it has users, or they are unknown. Steps decide the same on the host (in-use.sh). */
export const isInUse = (users: OrUnknown<User[]>): boolean => !isKnown(users) || users.length > 0;

/** Returns whether a guest may have it now. A guest that is only defined has not. */
export const mayRun = (users: OrUnknown<User[]>): boolean =>
  !isKnown(users) || users.some((user) => "process" in user || user.running);

/** Returns who uses a device, or why that is unknown. `hint` is what to do about a user. */
export function usedReason(
  name: string,
  users: OrUnknown<User[]>,
  hint: string,
): Pick<BlockerReason, "reason" | "hint"> {
  if (isKnown(users)) return { reason: `${name} is used by ${formatUsers(users)}`, hint };
  return { reason: `who uses ${name} could not be read: ${users.unknown}`, hint: howToRead(users.unknown) };
}

/** The advice wherever a fact is unknown because the login is not root. */
export const becomeRoot = "Log in as root, or with sudo";

const howToRead = (reason: string): string =>
  reason.startsWith("only root") ? becomeRoot : "Let the login see all processes and definitions of guests";
