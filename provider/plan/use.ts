import type { User } from "../model/facts/users";
import { isKnown, type Known } from "../model/unknown";
import { usersInWords } from "./in-words";
import type { Obstacle } from "./obstacle";

/** Whether nobody uses a device, and that is known. What cannot be told counts as used: in plans, for the CLI, and in steps (in-use.sh). */
export const isFree = (users: Known<User[]>): boolean => isKnown(users) && users.length === 0;

/** Whether a guest may have it at this moment; one that is only defined does not. */
export const mayRun = (users: Known<User[]>): boolean => !isKnown(users) || users.some((user) => "process" in user || user.running);

/** Says who uses a device, or why that cannot be told. `next` is what to do about a user. */
export function whyUsed(name: string, users: Known<User[]>, next: string): Pick<Obstacle, "seen" | "next"> {
  if (isKnown(users)) return { seen: `${name} is used by ${usersInWords(users)}`, next };
  return { seen: `who uses ${name} could not be read: ${users.unknown}`, next: howToRead(users.unknown) };
}

const howToRead = (reason: string): string =>
  reason.startsWith("only root") ? "Log in as root, or with sudo" : "Let the login see all processes and definitions of guests";
