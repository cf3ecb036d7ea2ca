import type { Ssh } from "../ssh";
import type { FactsReader } from "./facts-reader";
import type { Means } from "./means";

/** What is done on one machine is done through these. */
export interface Machine {
  ssh: Ssh;
  /** The same machine over the same connection, for asking again and again: each attempt to connect ends soon. */
  restless: Ssh;
  reader: FactsReader;
  means: Means;
}
