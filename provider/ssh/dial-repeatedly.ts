import { setTimeout as delay } from "node:timers/promises";
import { TransientDialError } from "./dial-errors";
import { Endpoint } from "./endpoint";
import { SshError } from "./errors";

const firstPauseMs = 250;
const longestPauseMs = 5_000;

/** Dials until it works, until trying again makes no sense, or until more than `dialErrorLimit` attempts failed. */
export async function dialRepeatedly<T>(endpoint: Endpoint, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransientDialError)) throw error;
      const isLast = endpoint.dialErrorLimit >= 0 && failures > endpoint.dialErrorLimit;
      if (isLast) throw final(error, failures);
      // The spread keeps many resources that wait for one host from knocking all at once.
      await delay(Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs) * (0.5 + Math.random() / 2));
    }
  }
}

/** No longer transient, so that who dials through this one does not begin again. */
function final({ kind, trouble }: SshError, attempts: number): SshError {
  return new SshError(kind, attempts > 1 ? { ...trouble, seen: `${trouble.seen} (${attempts} attempts)` } : trouble);
}
