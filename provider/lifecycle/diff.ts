import { isDeepStrictEqual } from "node:util";
import { comparedKeys } from "./inputs";
import { diffInMaintenance, maintenanceOf } from "./maintenance";
import { isKnownWhole } from "./parse";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";

export interface DiffResult {
  /** undefined: the engine compares the inputs, and shows what it finds. */
  changes?: boolean;
  replaces: string[];
  /** Whoever asks for a replacement, and why: the old and the new one would have the same devices. */
  deleteBeforeReplace: true;
}

const none: DiffResult = { changes: false, replaces: [], deleteBeforeReplace: true };

/** What is declared against what the state holds, and nothing else: no host is asked. Work that is not done is a difference. */
export function diff<A extends object>(kind: ResourceKind<A>, last: State, wanted: State): DiffResult {
  if (maintenanceOf(wanted) !== undefined) return diffInMaintenance(last, wanted);
  if (isOutOfReach(last, wanted)) return none;
  const changed = comparedKeys(kind).filter((key) => !isDeepStrictEqual(last[key], wanted[key]));
  // Nobody knows yet whether what is unknown will be another thing.
  const replaces = (kind.replaces?.(last, wanted) ?? []).filter((key) => isKnownWhole(wanted[key]));
  const unfinished = (last.pending as string[] | undefined)?.length ?? 0;
  return {
    ...none,
    changes: replaces.length > 0 || unfinished > 0 ? true : changed.length > 0 ? undefined : false,
    replaces,
  };
}

/**
 * Nothing is planned on a host that could not be looked at, until it can be or is reached in another way: a change that fails
 * would keep the engine from putting right what is on the other hosts.
 */
const isOutOfReach = (last: State, wanted: State): boolean =>
  last.unreachable !== undefined && isDeepStrictEqual(last.connection, wanted.connection);
