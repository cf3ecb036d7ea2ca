import type { Connection } from "../model/connection";
import type { Host } from "./host";

export type { FactsOptions, Host } from "./host";
export type { AppliedStep, Outcome, Request } from "./request";

/** The host behind a connection; the same one for all who reach it in the same way. */
export function hostAt(connection: Connection): Host {
  throw new Error(`not yet: ${connection.host}`);
}
