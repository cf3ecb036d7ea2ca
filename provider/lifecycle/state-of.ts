import { isDeepStrictEqual } from "node:util";
import type { HostFacts } from "../model/facts/host-facts";
import { asKept } from "./identity";
import { commonOf, declaredKey } from "./inputs";
import { schemaVersion, type State, toState } from "./state";

interface Written {
  /** Inputs or outputs that have the common ones. */
  from: State;
  declared: object;
  /** The arguments as the host has them. */
  seen: object;
  outputs: State;
  facts: HostFacts;
  /** What the state said of the machine; what cannot be read now is kept from it. */
  last: State;
  pending: string[];
  generation?: string;
  /** Owner and instance. */
  kept: State;
  /** Only read, made by somebody else. */
  external?: true;
}

/**
 * What the state keeps. Reading and deleting get nothing but this, so every input is in it, at its own key: as the host has it,
 * so that a diff shows what drifted. What was declared is kept beside it, for as long as it is something else.
 */
export function stateOf({ from, declared, seen, outputs, facts, last, pending, generation, kept, external }: Written): State {
  const identity = { ...(last.identity as object), ...toState(asKept(facts.system.identity)) };
  const drifted = isDeepStrictEqual(toState(seen), toState(declared)) ? {} : { [declaredKey]: declared };
  return toState({ ...commonOf(from), ...seen, ...outputs, ...drifted, ...kept, schemaVersion, identity, pending, generation, external });
}
