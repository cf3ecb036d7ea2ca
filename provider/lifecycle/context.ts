import type { Host } from "../host";
import type { Connection } from "../model/connection";
import { claimOf } from "./claim";
import type { Sink } from "./engine/log";
import { connectionOf, declaredArguments } from "./inputs";
import type { Reporter } from "./reporter";
import type { ResourceInstance, ResourceKind } from "./resource-kind";
import { recordVgpus, siblingsOf } from "./siblings";
import type { State } from "./state";

/** One resource in one call of the engine. */
export interface ResourceContext<A extends object> {
  kind: ResourceKind<A>;
  declared: A;
  resource: ResourceInstance;
  connection: Connection;
  host: ReturnType<ProviderEnvironment["hostAt"]>;
  reporter: Reporter;
}

/** From inputs, or from outputs, which have every input at the same key. `otherwise`: the instance where the state has none. */
export function resourceContext<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  from: State,
  last: State,
  reporter: Reporter,
  otherwise: string,
): ResourceContext<A> {
  const connection = connectionOf(from);
  const urn = from.__urn as string;
  recordVgpus(kind, environment, from);
  const claim = claimOf(urn, environment.ownerOf(urn, last), last, otherwise);
  const resource: ResourceInstance = {
    urn,
    claim,
    last,
    siblings: () => siblingsOf(environment, connection.host, urn),
  };
  return {
    kind,
    declared: declaredArguments(kind, from),
    resource,
    connection,
    host: environment.hostAt(connection),
    reporter,
  };
}

/** What a life goes on in; tests have one of their own. */
export interface ProviderEnvironment {
  hostAt(connection: Connection): Pick<Host, "facts" | "ensure">;
  sink: Sink;
  /** The name by which the things of a resource's stack are known on hosts, as its state or those of its siblings have it. */
  ownerOf(urn: string, last: State): string;
  /** For one life of a resource; no two that the state has are alike. */
  newInstance(urn: string, isFirst: boolean): string;
  now(): Date;
}
