import type { Expected } from "../host/identity";
import { isSameMachine } from "../host/identity";
import { BlockedError } from "../model/errors";
import { expectedIdentity } from "./identity";
import type { State } from "./state";

/** The machines behind the hosts of the components of this run. Two names of one machine would undo each other's changes. */
export class Machines {
  private readonly declared = new Set<string>();
  private readonly identities = new Map<string, Expected>();

  /** Records that the program has this host now: a state may still have an earlier name. */
  declare({ __host: host }: State): void {
    if (typeof host === "string") this.declared.add(host);
  }

  note(host: unknown, state: State): void {
    const identity = expectedIdentity(state);
    if (typeof host === "string" && identity) this.identities.set(host, identity);
  }

  /** Returns a function that refuses a machine which another host of the program has already. */
  refuse({ __host: host, connection }: State): ((found: Expected) => BlockedError | undefined) | undefined {
    if (typeof host !== "string") return undefined;
    return (found) => {
      const other = [...this.identities].find(
        ([name, identity]) => name !== host && this.declared.has(name) && isSameMachine(identity, found),
      );
      if (!other) {
        this.identities.set(host, found);
        return undefined;
      }
      return new BlockedError({
        action: `change ${host}`,
        host: (connection as { host: string }).host,
        cause: `${other[0]} and ${host} are one machine`,
        hint: "Keep one of the names.",
      });
    };
  }
}
