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

/** Output and exit code of a command. */
export interface Ended {
  code: number;
  out: string;
  err: string;
  /** Progress lines, if stderr is a terminal. */
  watched: string[];
  /** Connections that were opened. */
  dialed: Connection[];
}

/** Hosts by name, and other replacements. */
export interface Around extends Partial<CliIo> {
  hosts?: Record<string, HostFacts>;
  isWatched?: boolean;
}

/** Runs a command with replaced input and output. A host that is not given is unreachable. */
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
