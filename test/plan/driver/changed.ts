import { HostFacts } from "../../../provider/model/facts/host-facts";
import { at } from "../../probe/at";

/** Returns facts with other values at some paths (as in test/captures/README.md), validated again. */
export function changed(facts: HostFacts, changes: Record<string, unknown>): HostFacts {
  const copy: unknown = structuredClone(facts);
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split("/");
    const last = steps.pop()!;
    const holder = steps.length ? at(copy, steps.join("/")) : copy;
    if (typeof holder !== "object" || holder === null) throw new Error(`these facts have no ${steps.join("/")}`);
    (holder as Record<string, unknown>)[last] = value;
  }
  return HostFacts.parse(copy);
}
