import { isDeepStrictEqual } from "node:util";
import { toStateIdentity } from "../host/identity";
import type { HostFacts } from "../model/facts/host-facts";
import { commonInputs, declaredKey } from "./inputs";
import type { Observation } from "./resource-kind";

/** What Pulumi keeps of a resource: inputs or outputs, as JSON. */
export type State = Record<string, unknown>;

export const schemaVersion = 2;

/**
 * A copy that the engine can store. What is undefined is left out: a single one would make the whole call fail, or hang. What
 * JSON cannot hold is a mistake of ours, and is found here instead of coming back as something else.
 */
export const toState = (value: object): State => storable(value, "state") as State;

function storable(value: unknown, at: string): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((part, i) => storable(part, `${at}[${i}]`));
  if (typeof value !== "object" || !isPlain(value))
    throw new TypeError(`${at} holds what cannot be stored: ${String(value)}`);
  const kept = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(kept.map(([key, part]) => [key, storable(part, `${at}.${key}`)]));
}

const isPlain = (value: object) => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);

export const pick = (from: State, keys: readonly string[]): State =>
  Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));

interface StateParts {
  /** Inputs or outputs that have the common ones. */
  from: State;
  declared: object;
  /** The arguments as the host has them. */
  observed: object;
  outputs: State;
  facts: HostFacts;
  /** What the state said of the machine; what cannot be read now is kept from it. */
  last: State;
  pending: string[];
  appliedAt?: string;
  /** Owner and instance. */
  ownership: State;
  /** Only read, made by somebody else. */
  external?: true;
}

/**
 * What the state keeps. Reading and deleting get nothing but this, so every input is in it, at its own key: as the host has it,
 * so that a diff shows what drifted. What was declared is kept beside it, for as long as it is something else.
 */
export function buildState({
  from,
  declared,
  observed,
  outputs,
  facts,
  last,
  pending,
  appliedAt,
  ownership,
  external,
}: StateParts): State {
  const identity = { ...(last.identity as object), ...toState(toStateIdentity(facts.system.identity)) };
  const drifted = isDeepStrictEqual(toState(observed), toState(declared)) ? {} : { [declaredKey]: declared };
  return toState({
    ...commonInputs(from),
    ...observed,
    ...outputs,
    ...drifted,
    ...ownership,
    schemaVersion,
    identity,
    pending,
    appliedAt,
    external,
  });
}

/** Without an id: it is gone. */
export interface ReadResult {
  id?: string;
  props?: State;
  inputs?: State;
}

interface Read {
  from: State;
  last: State;
  facts: HostFacts;
  observation: Observation;
  pending: string[];
  /** Left out: it is only read, and nothing was declared. */
  declared?: object;
}

/**
 * What reading answers: outputs, and the inputs as they would have to be for the host to be as it is. Of what is only read, the
 * inputs stay those of the program.
 */
export function readResult(id: string, { from, last, facts, observation, pending, declared }: Read): ReadResult {
  const props = buildState({
    from,
    last,
    facts,
    pending,
    declared: declared ?? observation.arguments,
    observed: observation.arguments,
    outputs: observation.outputs,
    appliedAt: last.appliedAt as string | undefined,
    ownership: pick(last, ["owner", "instance"]),
    external: declared ? undefined : true,
  });
  return declared ? { id, props, inputs: toState({ ...observation.arguments, ...commonInputs(from) }) } : { id, props };
}
