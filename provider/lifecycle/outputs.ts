import type { HostFacts } from "../model/facts/host-facts";
import { asKept } from "./identity";
import { commonOf } from "./inputs";
import { schemaVersion, type State, toState } from "./state";

interface Written {
  /** Inputs or outputs that have the common ones. */
  from: State;
  /** The arguments that are echoed: as they are wanted, or as the host has them. */
  echo: object;
  outputs: State;
  facts: HostFacts;
  /** What the state said of the machine; what cannot be read now is kept from it. */
  last: State;
  pending: string[];
  generation?: string;
  /** Only read, made by somebody else. */
  external?: true;
}

/** What the state keeps. Reading and deleting get nothing but this, so every input is in it, at its own key. */
export function stateOf({ from, echo, outputs, facts, last, pending, generation, external }: Written): State {
  const identity = { ...(last.identity as object), ...toState(asKept(facts.system.identity)) };
  return toState({ ...commonOf(from), ...echo, ...outputs, schemaVersion, identity, pending, generation, external });
}
