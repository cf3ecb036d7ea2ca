import type { User } from "../model/facts/users";
import type { OrUnknown } from "../model/unknown";
import { isKnown } from "../model/unknown";
import { formatUsers } from "./format";
import type { BlockerReason } from "./plan";

/** Whether nobody uses a device, and that is known. What cannot be told counts as used: in plans, for the CLI, and in steps (in-use.sh). */
export const isFree = (users: OrUnknown<User[]>): boolean => isKnown(users) && users.length === 0;

/** Whether a guest may have it at this moment; one that is only defined does not. */
export const mayRun = (users: OrUnknown<User[]>): boolean =>
  !isKnown(users) || users.some((user) => "process" in user || user.running);

/** Says who uses a device, or why that cannot be told. `next` is what to do about a user. */
export function usedReason(
  name: string,
  users: OrUnknown<User[]>,
  hint: string,
): Pick<BlockerReason, "reason" | "hint"> {
  if (isKnown(users)) return { reason: `${name} is used by ${formatUsers(users)}`, hint };
  return { reason: `who uses ${name} could not be read: ${users.unknown}`, hint: howToRead(users.unknown) };
}

const howToRead = (reason: string): string =>
  reason.startsWith("only root")
    ? "Log in as root, or with sudo"
    : "Let the login see all processes and definitions of guests";
