import { z } from "zod";
import { UserError } from "../model/errors";
import { Common, commonOf, connectionOf, withoutCommon } from "./inputs";
import { inWords } from "./issues";
import type { ResourceKind } from "./resource-kind";
import { type ReadResult, shown } from "./shown";
import type { State } from "./state";
import type { World } from "./world";

/** Something that is only read, whoever made it. Nothing of it is in the state yet: there is what the program says, unchecked. */
export async function get<A extends object>(kind: ResourceKind<A>, world: World, id: string, given: State): Promise<ReadResult> {
  const common = Common.safeParse(commonOf(given));
  const own = z.strictObject(kind.schema.shape).partial().safeParse(withoutCommon(given));
  const issues = [...(common.error?.issues ?? []), ...(own.error?.issues ?? [])];
  if (issues.length > 0) throw new UserError({ tried: `read ${id}`, seen: issues.map(inWords).join("; ") });

  const connection = connectionOf(given);
  const facts = await world.hostAt(connection).facts();
  const sight = kind.find(facts, id, own.data as State);
  if (!sight) throw new UserError({ tried: `read ${id}`, host: connection.host, seen: "the host has nothing of the kind" });
  return shown(id, { from: given, last: {}, facts, sight, pending: [] });
}
