import { isDeepStrictEqual } from "node:util";
import type { HostFacts } from "../model/facts/host-facts";
import { toStateIdentity } from "./identity";
import { commonInputs, declaredKey } from "./inputs";
import type { Observation } from "./resource-kind";
import type { State } from "./state";
import { pick, schemaVersion, toState } from "./state";

interface StateParts {
  /** Inputs or outputs with the common inputs. */
  from: State;
  declared: object;
  /** The arguments as observed on the host. */
  observed: object;
  outputs: State;
  facts: HostFacts;
  /** The last state. Its identity is kept where the host shows none. */
  last: State;
  pending: string[];
  appliedAt?: string;
  /** Owner and instance. */
  ownership: State;
  /** Only read, not managed. */
  external?: true;
  /** Imported, and not applied since. */
  imported?: true;
}

/**
 * Builds the state of a resource. Read and delete get nothing else, so it has all inputs at their own keys: as observed, so that a
 * diff shows drift. The declared arguments are kept as well while they differ.
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
  imported,
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
    imported,
  });
}

/** No id means that the resource no longer exists. */
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
  /** Absent for a resource that is only read. */
  declared?: object;
}

/**
 * Returns outputs, and the inputs that would declare the host as it is. A resource that is only read keeps the inputs of the
 * program.
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
    imported: last.imported as true | undefined,
  });
  return declared ? { id, props, inputs: toState({ ...observation.arguments, ...commonInputs(from) }) } : { id, props };
}
