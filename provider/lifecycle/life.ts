import type { Connection } from "../model/connection";
import { claimOf } from "./claim";
import { connectionOf, ownOf } from "./inputs";
import { Reporter } from "./reporter";
import type { ResourceKind, Subject } from "./resource-kind";
import { noteVgpus, siblingsOf } from "./siblings";
import type { State } from "./state";
import type { World } from "./world";

/** One resource in one call of the engine. */
export interface Life<A extends object> {
  kind: ResourceKind<A>;
  wanted: A;
  subject: Subject;
  connection: Connection;
  host: ReturnType<World["hostAt"]>;
  reporter: Reporter;
}

/** From inputs, or from outputs, which have every input at the same key. `otherwise`: the instance where the state has none. */
export function lifeOf<A extends object>(
  kind: ResourceKind<A>, world: World, from: State, last: State, reporter: Reporter, otherwise: string,
): Life<A> {
  const connection = connectionOf(from);
  const urn = from.__urn as string;
  noteVgpus(kind, world, from);
  const claim = claimOf(urn, world.ownerOf(urn, last), last, otherwise);
  const subject: Subject = { urn, claim, last, siblings: () => siblingsOf(world, connection.host, urn) };
  return { kind, wanted: ownOf(kind, from), subject, connection, host: world.hostAt(connection), reporter };
}
