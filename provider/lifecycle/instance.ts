import { randomUUID } from "node:crypto";
import { uuidOf } from "./engine/urn";
import type { State } from "./state";

/**
 * The id of one life of a resource. The first life of a URN has the same id in each run: what a create has left on the host whose process
 * was killed is in no state, and the next create knows it by this id. Where another life is in the state, as in a replacement, the id is random.
 */
export const newInstance = (urn: string, isFirst: boolean): string => (isFirst ? firstInstance(urn) : randomUUID());

export const firstInstance = (urn: string): string => uuidOf(`${urn}::instance`);

/** URNs and instances that the state has, as far as this process has seen it. */
export class Instances {
  private readonly seen = new Set<unknown>();

  note({ __urn: urn, instance }: State): void {
    this.seen.add(urn).add(instance);
  }

  forget({ __urn: urn, instance }: State): void {
    this.seen.delete(urn);
    this.seen.delete(instance);
  }

  /** Whether no other life of the resource is known, nor one that got another name since. */
  isFirst = (urn: string): boolean => !this.seen.has(urn) && !this.seen.has(firstInstance(urn));
}
