import type { Note } from "../plan";
import type { ResourceContext } from "./context";

const told = new WeakMap<object, Set<string>>();

/** What is worth knowing of a host is said once in a run, on the row of the first resource that it concerns. */
export function reportNotes(
  { host, reporter }: Pick<ResourceContext<object>, "host" | "reporter">,
  notes: readonly Note[],
): void {
  const before = told.get(host) ?? new Set<string>();
  told.set(host, before);
  for (const { message } of notes) {
    if (!before.has(message)) reporter.report("info", message);
    before.add(message);
  }
}
