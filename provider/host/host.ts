import type { HostFacts } from "../model/facts/host-facts";
import type { Outcome, Request } from "./request";

export interface FactsOptions {
  /** How long ago they may have been read. Default: 30 000; what was applied since is always in them. */
  maxAgeMs?: number;
  signal?: AbortSignal;
}

/** A machine as this process sees it: read at most once for all who ask at the same time, changed by one plan at a time. */
export interface Host {
  /** user@host:port, for messages. */
  readonly name: string;
  facts(options?: FactsOptions): Promise<HostFacts>;
  /**
   * Makes a desire true, together with all others that wait for this host. Rejects when nothing was applied for it and the
   * host could not be read or is another machine; whatever else goes wrong stands in the outcome.
   */
  ensure(request: Request): Promise<Outcome>;
}
