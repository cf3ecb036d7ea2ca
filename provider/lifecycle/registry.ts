import { isDeepStrictEqual } from "node:util";
import type { State } from "./state";

/**
 * The resources of a kind that this run keeps or has created. Pulumi deletes last, so a deleted resource may share its devices
 * with one of these: its replacement that was created first, or the same object under another name.
 */
export class ResourceRegistry {
  private readonly all = new Map<string, State>();
  private readonly declared = new Set<string>();

  add(state: State): void {
    this.all.set(keyOf(state), state);
  }

  /** Removes a deleted resource: of two deleted ones with the same devices, the last one removes the devices. */
  forget(state: State): void {
    this.all.delete(keyOf(state));
  }

  /** Records that the program of this run has this resource. */
  declare(urn: string): void {
    this.declared.add(urn);
  }

  /** Returns whether a delete is part of a replacement, so the same run creates it again. `destroy --run-program` checks no inputs. */
  isDeclared = ({ __urn: urn }: State): boolean => this.declared.has(urn as string);

  /** Returns the states of other resources on the same machine. */
  sameMachine(last: State): State[] {
    return [...this.all].flatMap(([key, state]) =>
      key !== keyOf(last) && isDeepStrictEqual(state.identity, last.identity) ? [state] : [],
    );
  }
}

/** Returns the key of an instance. A state of release 0.1 has only its URN. */
const keyOf = ({ instance, __urn: urn }: State): string => (instance ?? urn) as string;
