import type { Connection } from "../model/connection";
import type { Host } from "../host";
import type { Sink } from "./engine-log";

/** What a life goes on in; tests have one of their own. */
export interface World {
  hostAt(connection: Connection): Pick<Host, "facts" | "ensure">;
  sink: Sink;
  /** The name by which a stack's things are known on hosts. */
  ownerOf(urn: string): string;
  now(): Date;
}
