import { readFleet } from "../fleet";
import { wantedHosts } from "../fleet/wanted";
import type { Outlook } from "../outlook/outlook";
import { driftInText, inJson, inMarkdown, inText } from "../outlook/telling";
import { only } from "./chosen-hosts";
import { codeOf, type ExitCode } from "./exit-code";
import { counting, forTerminals, type World } from "./world";

export interface LookFlags {
  host?: string[];
  dials?: number;
  json?: boolean;
  markdown?: boolean;
}

/** What `up` would do on the hosts of a fleet file. */
export const plan = (file: string, flags: LookFlags, world: World): Promise<ExitCode> =>
  look(file, flags, world, (outlooks) => inText(outlooks).text);

/** In what the hosts of a fleet file differ from it. */
export const drift = (file: string, flags: LookFlags, world: World): Promise<ExitCode> => look(file, flags, world, driftInText);

async function look(file: string, flags: LookFlags, world: World, inWords: (outlooks: Outlook[]) => string): Promise<ExitCode> {
  const hosts = wantedHosts(only(readFleet(file), flags.host));
  const { seen, done } = counting(world, hosts.length);
  const outlooks = await world.lookAhead(hosts, { dialsAtOnce: flags.dials, onSeen: seen, factsAt: world.factsAt }).finally(done);
  if (flags.json) world.out(`${JSON.stringify(inJson(outlooks), null, 2)}\n`);
  else if (flags.markdown) world.out(inMarkdown(outlooks));
  else world.out(`${forTerminals(inWords(outlooks))}\n`);
  return codeOf(outlooks);
}
