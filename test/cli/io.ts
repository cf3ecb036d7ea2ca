import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CliIo } from "../../provider/cli/io";
import { run } from "../../provider/cli/run";
import type { Connection } from "../../provider/model/connection";
import { UserError } from "../../provider/model/errors";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import { previewHosts } from "../../provider/preview/preview-hosts";
import { hostFacts } from "../../provider/probe";

const folder = join(__dirname, "..", "captures");

export const captures: string[] = readdirSync(folder).flatMap((file) => /^(.*)\.txt$/.exec(file)?.[1] ?? []);

export const captured = (name: string): HostFacts => hostFacts(readFileSync(join(folder, `${name}.txt`), "utf8"));

/** What a command line printed and ended with. */
export interface Ended {
  code: number;
  out: string;
  err: string;
  /** What was shown on the way, if somebody watched. */
  watched: string[];
  /** How hosts were reached. */
  dialed: Connection[];
}

/** Hosts by their names, and whatever else a test has in place of the world. */
export interface Around extends Partial<CliIo> {
  hosts?: Record<string, HostFacts>;
  isWatched?: boolean;
}

/** Runs the command line in a world of its own; a host that is not in it is away. */
export async function ended(words: string, { hosts = {}, isWatched, ...rest }: Around = {}): Promise<Ended> {
  const seen: Omit<Ended, "code"> = { out: "", err: "", watched: [], dialed: [] };
  const factsAt = async (connection: Connection) => {
    seen.dialed.push(connection);
    const facts = hosts[connection.host];
    if (facts) return facts;
    throw new UserError({ action: "connect", host: connection.host, cause: "it does not answer", hint: "Start it" });
  };
  const world: CliIo = {
    out: (text) => void (seen.out += text),
    err: (text) => void (seen.err += text),
    ...(isWatched && { progress: (line: string) => void seen.watched.push(line) }),
    stdin: async () => "",
    previewHosts: previewHosts,
    factsAt,
    ...rest,
  };
  const code = await run(words.split(" ").filter(Boolean), world);
  return { code, ...seen };
}
