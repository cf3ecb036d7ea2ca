import { z } from "zod";
import type { Connection } from "../model/connection";
import { connection } from "../model/connection";
import { Urn } from "./engine/urn";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";
import { pick } from "./state";

/** The inputs that all kinds have in addition to their own. */
export const Common = z.strictObject({
  connection,
  /** `appliedAt` of the resource that this one depends on. */
  dependencyAppliedAt: z.string().min(1).optional(),
  maintenance: z.string().min(1).optional(),
  __urn: Urn,
  /** Name of the host in a component. Two names must not be one machine. */
  __host: z.string().min(1).optional(),
  /** A failure is reported and recorded, and does not end the run: see ensureIsolated. */
  __isolated: z.literal(true).optional(),
  /** What has to succeed first, and did not: "the canary gpu01, which failed". Nothing is changed. */
  __waitsFor: z.string().min(1).optional(),
});

export const providerKey = "__provider";

/**
 * The key by which the program tells each of its resources that it runs in a preview, which the engine tells no provider: a folder for
 * the plans. Only check gets it, so it is in no state and in no difference.
 */
export const previewKey = "__preview";

const commonKeys = Object.keys(Common.shape);

/** The key of the declared arguments, in outputs of which the arguments show a drifted host. */
export const declaredKey = "__declared";

/** Returns the arguments of a kind as they were declared. */
export const declaredArguments = <A extends object>(kind: ResourceKind<A>, from: State): A =>
  pick((from[declaredKey] as State | undefined) ?? from, Object.keys(kind.schema.shape)) as A;

export const commonInputs = (from: State): State => pick(from, commonKeys);

/** Returns what has to succeed before a resource is changed, and did not. */
export const waitsForOf = ({ __waitsFor: name }: State): string | undefined => name as string | undefined;

export const connectionOf = (from: State): Connection => from.connection as Connection;

/** Returns a connection without what is no difference: nothing is ever applied through one that only looks. */
export function withoutReadOnly(connection: unknown): unknown {
  const { readOnly: _, ...rest } = (connection ?? {}) as State;
  return rest;
}

export const withoutCommon = (from: State): State =>
  Object.fromEntries(Object.entries(from).filter(([key]) => key !== providerKey && !commonKeys.includes(key)));

/** Returns the keys of inputs that are compared. Those that begin with `__` are internal. */
export const comparedKeys = <A extends object>(kind: ResourceKind<A>): string[] =>
  [...Object.keys(kind.schema.shape), ...commonKeys].filter((key) => !key.startsWith("__"));
