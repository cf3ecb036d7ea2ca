import type { ReadResult } from "./build-state";
import { commonInputs, declaredArguments, providerKey } from "./inputs";
import type { Reporter } from "./reporter";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";
import { schemaVersion, toState } from "./state";

/** Returns the reason for maintenance, or undefined. */
export const maintenanceOf = ({ maintenance }: State): string | undefined => maintenance as string | undefined;

export const isMaintenanceChanged = (last: State, inputs: State): boolean =>
  maintenanceOf(last) !== maintenanceOf(inputs);

/**
 * Returns the state of a resource on a host that is in maintenance: the last state with the reason. Other changes are a difference
 * again after the maintenance.
 */
export function maintenanceState<A extends object>(
  kind: ResourceKind<A>,
  inputs: State,
  last: State,
  reporter: Reporter,
): State {
  const reason = maintenanceOf(inputs)!;
  reporter.report("info", `is skipped because it is in maintenance: ${reason}`);
  const { unreachable: _, failure: __, ...known } = untouchedState(kind, inputs, last);
  return toState({ ...known, maintenance: reason });
}

/** Returns the last state, or for a new resource one with only its arguments. */
export function untouchedState<A extends object>(kind: ResourceKind<A>, inputs: State, last: State): State {
  const isNew = last.schemaVersion === undefined;
  const initial = { ...commonInputs(inputs), ...declaredArguments(kind, inputs), schemaVersion, pending: [] };
  const { [providerKey]: _, __waitsFor: __, ...state }: State = isNew ? initial : last;
  return state;
}

/** Returns the result of a refresh that reads no host. */
export function unchanged(id: string, { [providerKey]: _, ...last }: State): ReadResult {
  return { id, props: toState(last) };
}
