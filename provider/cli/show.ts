import { readFleet, showHost } from "../fleet";
import { expand } from "../fleet/ranges";
import type { CliIo, ExitCode } from "./io";
import { exitCode } from "./io";

export interface ShowFlags {
  host: string[];
}

/** Prints the merged settings of hosts: defaults, group and overrides. */
export function show(file: string, { host: patterns }: ShowFlags, io: CliIo): ExitCode {
  const fleet = readFleet(file);
  io.out(
    patterns
      .flatMap(expand)
      .map((name) => showHost(fleet, name))
      .join("\n"),
  );
  return exitCode.ok;
}
