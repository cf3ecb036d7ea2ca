import type { HostFacts } from "../model/facts/host-facts";
import { commonOf } from "./inputs";
import { stateOf } from "./state-of";
import type { Sight } from "./resource-kind";
import { pick, type State, toState } from "./state";

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
  sight: Sight;
  pending: string[];
  /** Left out: it is only read, and nothing was declared. */
  declared?: object;
}

/**
 * What reading answers: outputs, and the inputs as they would have to be for the host to be as it is. Of what is only read, the
 * inputs stay those of the program.
 */
export function shown(id: string, { from, last, facts, sight, pending, declared }: Read): ReadResult {
  const props = stateOf({
    from, last, facts, pending,
    declared: declared ?? sight.arguments,
    seen: sight.arguments,
    outputs: sight.outputs,
    generation: last.generation as string | undefined,
    kept: pick(last, ["owner", "instance"]),
    external: declared ? undefined : true,
  });
  return declared ? { id, props, inputs: toState({ ...sight.arguments, ...commonOf(from) }) } : { id, props };
}
