import type { Connection } from "../model/connection";
import type { Host } from "../host";
import type { Sink } from "./engine-log";
import type { State } from "./state";

/** What a life goes on in; tests have one of their own. */
export interface World {
  hostAt(connection: Connection): Pick<Host, "facts" | "ensure">;
  sink: Sink;
  /** The name by which the things of a resource's stack are known on hosts, as its state or those of its siblings have it. */
  ownerOf(urn: string, last: State): string;
  /** For one life of a resource; no two that the state has are alike. */
  newInstance(urn: string, isFirst: boolean): string;
  now(): Date;
}
