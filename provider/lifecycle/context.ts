import type { Connection } from "../model/connection";
import { claimOf } from "./claim";
import type { ProviderEnvironment } from "./environment";
import { connectionOf, declaredArguments } from "./inputs";
import { Machines } from "./machines";
import type { Reporter } from "./reporter";
import type { ResourceInstance, ResourceKind } from "./resource-kind";
import { recordVgpus, siblingsOf } from "./siblings";
import type { State } from "./state";

/** A resource during one call of the engine. */
export interface ResourceContext<A extends object> {
  kind: ResourceKind<A>;
  declared: A;
  resource: ResourceInstance;
  connection: Connection;
  host: ReturnType<ProviderEnvironment["hostAt"]>;
  reporter: Reporter;
  refuse: ReturnType<Machines["refuse"]>;
  /** Aborts when the engine cancels the call, or its time is over. */
  signal?: AbortSignal;
}

/** Builds the context from inputs, or from outputs, which have all inputs at the same keys. `otherwise`: see claimOf. */
export function resourceContext<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  from: State,
  last: State,
  reporter: Reporter,
  otherwise: string,
  machines = new Machines(),
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
    refuse: machines.refuse(from),
  };
}
