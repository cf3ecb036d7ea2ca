import type { Connection } from "../model/connection";
import type { HostFacts } from "../model/facts/host-facts";
import { type ReadOptions, sideBySide, whyAway } from "./side-by-side";

/** A host that was to be looked at: its facts, or why there are none. */
export type Inspected<Host> = Host & ({ facts: HostFacts } | { away: string });

export type InspectOptions = ReadOptions & { onSeen?: () => void };

/** The facts of hosts, read side by side; one that is away hides no other. No connection is left when it ends. */
export function inspectHosts<Host extends { connection: Connection }>(hosts: readonly Host[], options: InspectOptions = {}): Promise<Inspected<Host>[]> {
  return sideBySide(hosts, options, async (host, factsAt): Promise<Inspected<Host>> => {
    try {
      return { ...host, facts: await factsAt(host.connection) };
    } catch (error) {
      return { ...host, away: whyAway(host.connection, error) };
    } finally {
      options.onSeen?.();
    }
  });
}
