import { isDeepStrictEqual } from "node:util";
import type { State } from "./state";

/**
 * The resources of a kind that this run keeps or has made. Pulumi deletes last, so whoever is deleted is not alone with its host when one
 * of these has the same devices: its replacement that was created first, or the same thing under another name.
 */
export class ResourceRegistry {
  private readonly all = new Map<string, State>();
  private readonly declared = new Set<string>();

  add(state: State): void {
    this.all.set(keyOf(state), state);
  }

  /** It is being deleted, so it needs nothing any more: of two that go with the same devices, the last one takes them away. */
  forget(state: State): void {
    this.all.delete(keyOf(state));
  }

  /** The program of this run has a resource of this name. */
  declare(urn: string): void {
    this.declared.add(urn);
  }

  /** Whether a delete is part of a replacement: what is deleted comes back in the same run. `destroy --run-program` checks no inputs. */
  isDeclared = ({ __urn: urn }: State): boolean => this.declared.has(urn as string);

  /** Those on the same machine, by their states. */
  sameMachine(last: State): State[] {
    return [...this.all].flatMap(([key, state]) =>
      key !== keyOf(last) && isDeepStrictEqual(state.identity, last.identity) ? [state] : [],
    );
  }
}

/** One life of a resource; a state of release 0.1 knows its name only. */
const keyOf = ({ instance, __urn: urn }: State): string => (instance ?? urn) as string;
