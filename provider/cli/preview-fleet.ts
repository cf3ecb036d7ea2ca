import { readFleet } from "../fleet";
import { desiredHosts } from "../fleet/resolve";
import type { HostPreview } from "../preview/host-preview";
import { driftText, previewJson, previewMarkdown, previewText } from "../report";
import type { CliIo, ExitCode } from "./io";
import { escapeControls, exitCodeOf, hostCounter } from "./io";
import { filterHosts } from "./targets";

export interface PreviewFlags {
  host?: string[];
  concurrency?: number;
  json?: boolean;
  markdown?: boolean;
}

/** What `up` would do on the hosts of a fleet file. */
export const plan = (file: string, flags: PreviewFlags, world: CliIo): Promise<ExitCode> =>
  previewFleet(file, flags, world, (outlooks) => previewText(outlooks).text);

/** In what the hosts of a fleet file differ from it. */
export const drift = (file: string, flags: PreviewFlags, world: CliIo): Promise<ExitCode> =>
  previewFleet(file, flags, world, driftText);

async function previewFleet(
  file: string,
  flags: PreviewFlags,
  world: CliIo,
  inWords: (outlooks: HostPreview[]) => string,
): Promise<ExitCode> {
  const hosts = desiredHosts(filterHosts(readFleet(file), flags.host));
  const { seen, done } = hostCounter(world, hosts.length);
  const outlooks = await world
    .previewHosts(hosts, { maxConnections: flags.concurrency, onHost: seen, factsAt: world.factsAt })
    .finally(done);
  if (flags.json) world.out(`${JSON.stringify(previewJson(outlooks), null, 2)}\n`);
  else if (flags.markdown) world.out(previewMarkdown(outlooks));
  else world.out(`${escapeControls(inWords(outlooks))}\n`);
  return exitCodeOf(outlooks);
}
