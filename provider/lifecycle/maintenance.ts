import type { DiffResult } from "./diff";
import { commonInputs, declaredArguments, providerKey } from "./inputs";
import type { Reporter } from "./reporter";
import type { ResourceKind } from "./resource-kind";
import type { ReadResult, State } from "./state";
import { schemaVersion, toState } from "./state";

/** Why a host is left alone, in the operator's words; undefined: it is not. */
export const maintenanceOf = ({ maintenance }: State): string | undefined => maintenance as string | undefined;

/**
 * What a state becomes when its host goes into maintenance: only that is noted. What was declared meanwhile is a difference again
 * as soon as it is over.
 */
export function maintenanceState<A extends object>(
  kind: ResourceKind<A>,
  inputs: State,
  last: State,
  reporter: Reporter,
): State {
  const because = maintenanceOf(inputs)!;
  reporter.report("info", `is left alone, for it is in maintenance: ${because}`);
  const isNew = last.schemaVersion === undefined;
  const {
    unreachable: _,
    [providerKey]: __,
    ...known
  } = isNew ? { ...commonInputs(inputs), ...declaredArguments(kind, inputs), schemaVersion, pending: [] } : last;
  return toState({ ...known, maintenance: because });
}

/** A refresh does not ask it either. */
export function unchanged(id: string, { [providerKey]: _, ...last }: State): ReadResult {
  return { id, props: toState(last) };
}

/** Going into maintenance is the only change of a host in maintenance. */
export const diffInMaintenance = (last: State, wanted: State): DiffResult => ({
  changes: maintenanceOf(last) !== maintenanceOf(wanted),
  replaces: [],
  deleteBeforeReplace: true,
});
