import type { Note } from "../plan";
import type { Life } from "./life";

const told = new WeakMap<object, Set<string>>();

/** What is worth knowing of a host is said once in a run, on the row of the first resource that it concerns. */
export function tellNotes({ host, reporter }: Pick<Life<object>, "host" | "reporter">, notes: readonly Note[]): void {
  const before = told.get(host) ?? new Set<string>();
  told.set(host, before);
  for (const { says } of notes) {
    if (!before.has(says)) reporter.tell("info", says);
    before.add(says);
  }
}
