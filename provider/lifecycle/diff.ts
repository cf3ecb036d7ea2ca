import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { comparable } from "../model/comparable";
import { Common, comparedKeys, waitsForOf, withoutReadOnly } from "./inputs";
import { isMaintenanceChanged, maintenanceOf } from "./maintenance";
import { isKnownWhole } from "./parse";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";

export interface DiffResult {
  /** If undefined, the engine compares the inputs and shows the differences. */
  changes?: boolean;
  replaces: string[];
  /** Always: the old and the new resource would have the same devices. */
  deleteBeforeReplace: true;
}

const noChanges: DiffResult = { changes: false, replaces: [], deleteBeforeReplace: true };

/** Compares inputs with the state. Reads no host. Work that is left to do is a difference. */
export function diff<A extends object>(kind: ResourceKind<A>, last: State, inputs: State): DiffResult {
  if (maintenanceOf(inputs) !== undefined) return diffInMaintenance(last, inputs);
  if (waitsForOf(inputs) !== undefined || isUnreachable(last, inputs)) return noChanges;
  // An unknown value may turn out to be the same.
  const replaces = (kind.replaces?.(last, inputs) ?? []).filter((key) => isKnownWhole(inputs[key]));
  const pending = (last.pending as string[] | undefined) ?? [];
  if (replaces.length > 0 || pending.length > 0) return { ...noChanges, changes: true, replaces };
  const isChanged = comparedKeys(kind).some((key) =>
    key === "connection" ? !isSameConnection(last, inputs) : !isSame(kind.schema.shape[key], last[key], inputs[key]),
  );
  return isChanged ? { ...noChanges, changes: undefined } : noChanges;
}

/**
 * Returns whether the last refresh could not read the host, and the connection is still the same. Nothing is planned there: a
 * change that fails would keep the engine from repairing the other hosts.
 */
const isUnreachable = (last: State, inputs: State): boolean =>
  last.unreachable !== undefined && isSameConnection(last, inputs);

/** Nothing is ever applied through a connection that only looks, so the state has the one that was used to apply. */
const isSameConnection = (last: State, inputs: State): boolean =>
  isSame(Common.shape.connection, withoutReadOnly(last.connection), withoutReadOnly(inputs.connection));

/** A default that is written out is no difference, nor is another spelling. */
const isSame = (schema: z.ZodType | undefined, a: unknown, b: unknown): boolean =>
  schema ? isDeepStrictEqual(comparable(schema, a), comparable(schema, b)) : isDeepStrictEqual(a, b);

/** Compares only the reason for maintenance. */
const diffInMaintenance = (last: State, inputs: State): DiffResult => ({
  changes: isMaintenanceChanged(last, inputs),
  replaces: [],
  deleteBeforeReplace: true,
});
