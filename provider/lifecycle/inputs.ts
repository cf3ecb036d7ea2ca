import { z } from "zod";
import type { Connection } from "../model/connection";
import { connection } from "../model/connection";
import { Urn } from "./engine/urn";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";
import { pick } from "./state";

/** What every kind takes beside its own arguments. */
export const Common = z.strictObject({
  connection,
  /** The generation of what it stands on. */
  dependencyAppliedAt: z.string().min(1).optional(),
  maintenance: z.string().min(1).optional(),
  __urn: Urn,
});

export const providerKey = "__provider";

const commonKeys = Object.keys(Common.shape);

/** In outputs whose arguments tell what the host has instead. */
export const declaredKey = "__declared";

/** The arguments of a kind as they were declared. */
export const declaredArguments = <A extends object>(kind: ResourceKind<A>, from: State): A =>
  pick((from[declaredKey] as State | undefined) ?? from, Object.keys(kind.schema.shape)) as A;

export const commonInputs = (from: State): State => pick(from, commonKeys);

export const connectionOf = (from: State): Connection => from.connection as Connection;

export const withoutCommon = (from: State): State =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key !== providerKey && !commonKeys.includes(key)));

/** Keys of the inputs that a user sees change: what begins with `__` is between the program and us. */
export const comparedKeys = <A extends object>(kind: ResourceKind<A>): string[] =>
  [...Object.keys(kind.schema.shape), ...commonKeys].filter((key) => !key.startsWith("__"));
