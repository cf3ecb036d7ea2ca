import { foldedNames } from "./folded-names";

const namedAtMost = 12;

/** `gpu[01-16].rack2.example, t4.example`; of names that form no ranges, the first ones. */
export function names(hosts: readonly string[]): string {
  const folded = foldedNames(hosts);
  const more = folded.length - namedAtMost;
  return more > 1 ? `${folded.slice(0, namedAtMost).join(", ")} and ${more} more` : folded.join(", ");
}

/** `1 host`, `2 hosts` */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
