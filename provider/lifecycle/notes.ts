import type { Note } from "../plan";
import type { ResourceContext } from "./context";

const reported = new WeakMap<object, Set<string>>();

/** Reports each note once in a run, for the first resource that it is about. */
export function reportNotes(
  { host, reporter }: Pick<ResourceContext<object>, "host" | "reporter">,
  notes: readonly Note[],
): void {
  const before = reported.get(host) ?? new Set<string>();
  reported.set(host, before);
  for (const { message } of notes) {
    if (!before.has(message)) reporter.report("info", message);
    before.add(message);
  }
}
