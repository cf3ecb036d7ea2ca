import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../ssh";

/** How a host looked at a moment. */
export interface Snapshot {
  /** As probe.sh prints it. */
  capture: string;
  /** The last run that was made there before; empty: none since it booted; `runAtWork`: it has not ended. */
  lastRun: string;
}

/** What look.sh calls the last run while it is at work. */
export const runAtWork = "unfinished";

/** Looks at a host; probe.sh goes to its stdin. */
export const snapshotCommands = readFileSync(join(__dirname, "look.sh"), "utf8");

export const snapshotScript = (folder: string, boundary: string): string =>
  [`folder=${quote(folder)}`, `boundary=${quote(boundary)}`, snapshotCommands].join("\n");

/** undefined: there is none. Where the login shell greets everybody, the greeting comes first. */
export function parseSnapshot(output: string): Snapshot | undefined {
  const beginning = /^last-run (\S*)\n(?=nvidia-vgpu-capture 1 )/m.exec(output);
  return beginning
    ? { capture: output.slice(beginning.index + beginning[0].length), lastRun: beginning[1]! }
    : undefined;
}
