import { randomUUID } from "node:crypto";
import { uuidOf } from "./engine/urn";
import type { State } from "./state";

/**
 * Returns the id of a new instance. The first instance of a URN has the same id in each run, so the next create finds what a
 * killed one left on the host and in no state. If the state has another instance, as in a replacement, the id is random.
 */
export const newInstance = (urn: string, isFirst: boolean): string => (isFirst ? firstInstance(urn) : randomUUID());

export const firstInstance = (urn: string): string => uuidOf(`${urn}::instance`);

/** The URNs and instances of the states that this process has received. */
export class Instances {
  private readonly known = new Set<unknown>();

  note({ __urn: urn, instance }: State): void {
    this.known.add(urn).add(instance);
  }

  forget({ __urn: urn, instance }: State): void {
    this.known.delete(urn);
    this.known.delete(instance);
  }

  /** Returns whether the state has no other instance of the resource, also none that was renamed. */
  isFirst = (urn: string): boolean => !this.known.has(urn) && !this.known.has(firstInstance(urn));
}
