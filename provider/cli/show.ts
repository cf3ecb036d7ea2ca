import { readFleet, showHost } from "../fleet";
import { expand } from "../fleet/ranges";
import type { CliIo, ExitCode } from "./io";
import { exitCode } from "./io";

export interface ShowFlags {
  host: string[];
}

/** What a fleet file says of hosts, with defaults, group and overrides put together. */
export function show(file: string, { host: patterns }: ShowFlags, world: CliIo): ExitCode {
  const fleet = readFleet(file);
  world.out(
    patterns
      .flatMap(expand)
      .map((name) => showHost(fleet, name))
      .join("\n"),
  );
  return exitCode.ok;
}
