import { userInfo } from "node:os";
import { glob } from "ssh-config";

/** What the criteria of a Match line are compared with. */
export interface MatchSubject {
  /** The name that is given for the host. */
  name: string;
  /** Its address, as far as the file has named it before. */
  hostName: string;
  user: string;
}

const criteria: Readonly<Record<string, (subject: MatchSubject) => string>> = {
  host: ({ hostName }) => hostName,
  originalhost: ({ name }) => name,
  user: ({ user }) => user,
  localuser: () => userInfo().username,
};

/** Returns whether all criteria of a Match line fit (ssh_config(5)), or undefined if one is not supported and all others fit. */
export function fitsMatch(words: readonly string[], subject: MatchSubject): boolean | undefined {
  if (words.join(" ").toLowerCase() === "all") return true;
  let isSupported = true;
  for (let at = 0; at < words.length; at += 2) {
    const [, not, name] = /^(!?)(.*)$/.exec(words[at]!.toLowerCase())!;
    const valueIn = criteria[name!];
    const patterns = words[at + 1];
    if (valueIn && patterns !== undefined) {
      if (glob(patterns.split(","), valueIn(subject)) === (not === "!")) return false;
    } else {
      isSupported = false;
      // Others have no argument, or one that is not a pattern.
      if (/^(all|canonical|final)$/.test(name!)) at--;
    }
  }
  return isSupported || undefined;
}
