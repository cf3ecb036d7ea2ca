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

/** Prints what `up` would do on the hosts of a fleet file. */
export const plan = (file: string, flags: PreviewFlags, io: CliIo): Promise<ExitCode> =>
  previewFleet(file, flags, io, (previews) => previewText(previews).text);

/** Prints how the hosts of a fleet file differ from it. */
export const drift = (file: string, flags: PreviewFlags, io: CliIo): Promise<ExitCode> =>
  previewFleet(file, flags, io, driftText);

async function previewFleet(
  file: string,
  flags: PreviewFlags,
  io: CliIo,
  formatText: (previews: HostPreview[]) => string,
): Promise<ExitCode> {
  const hosts = desiredHosts(filterHosts(readFleet(file), flags.host));
  const { count, done } = hostCounter(io, hosts.length);
  const previews = await io
    .previewHosts(hosts, { maxConnections: flags.concurrency, onHost: count, factsAt: io.factsAt })
    .finally(done);
  if (flags.json) io.out(`${JSON.stringify(previewJson(previews), null, 2)}\n`);
  else if (flags.markdown) io.out(previewMarkdown(previews));
  else io.out(`${escapeControls(formatText(previews))}\n`);
  return exitCodeOf(previews);
}
