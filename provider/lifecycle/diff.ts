import { isDeepStrictEqual } from "node:util";
import { comparedKeys } from "./inputs";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";
import { isKnownWhole } from "./unknown-value";

export interface DiffResult {
  /** undefined: the engine compares the inputs, and shows what it finds. */
  changes?: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
}

/**
 * What is declared against what the state holds, and nothing else: no host is asked. A host that was away when it was looked
 * at is no difference; work that is not done is one.
 */
export function diff<A extends object>(kind: ResourceKind<A>, last: State, wanted: State): DiffResult {
  const changed = comparedKeys(kind).filter((key) => !isDeepStrictEqual(last[key], wanted[key]));
  // Nobody knows yet whether what is unknown will be another thing.
  const replaces = (kind.replaces?.(last, wanted) ?? []).filter((key) => isKnownWhole(wanted[key]));
  const unfinished = (last.pending as string[] | undefined)?.length ?? 0;
  return { changes: replaces.length > 0 || unfinished > 0 ? true : changed.length > 0 ? undefined : false, replaces, deleteBeforeReplace: replaces.length > 0 };
}
