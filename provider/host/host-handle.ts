import type { Ssh } from "../ssh";
import type { HostDependencies } from "./dependencies";
import type { FactsReader } from "./facts-reader";

/** Access to one machine. */
export interface HostHandle {
  ssh: Ssh;
  /** The same connection, for polling: each attempt to connect ends soon. */
  pollingSsh: Ssh;
  reader: FactsReader;
  dependencies: HostDependencies;
}
