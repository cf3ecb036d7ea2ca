import type { Host } from "../host";
import type { Connection } from "../model/connection";
import type { Sink } from "./engine/log";
import type { State } from "./state";

/** What handlers need from outside. Tests replace it. */
export interface ProviderEnvironment {
  hostAt(connection: Connection): Pick<Host, "facts" | "lastFacts" | "ensure">;
  sink: Sink;
  /** Returns the owner that records of the resource's stack have on hosts: that of its state, or of a sibling's. */
  ownerOf(urn: string, last: State): string;
  /** Returns the id of a new instance. No two instances in a state have the same. */
  newInstance(urn: string, isFirst: boolean): string;
  now(): Date;
}
