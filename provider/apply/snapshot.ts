import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../ssh";

/** A host at one moment. */
export interface Snapshot {
  /** As probe.sh prints it. */
  capture: string;
  /** The last run on the host; empty: none since it booted; `runAtWork`: a run that has not ended. */
  lastRun: string;
}

/** The name by which snapshot.sh reports a run that is at work. */
export const runAtWork = "unfinished";

/** The script that prints a snapshot; probe.sh goes to its stdin. */
export const snapshotCommands = readFileSync(join(__dirname, "snapshot.sh"), "utf8");

export const snapshotScript = (folder: string, boundary: string): string =>
  [`folder=${quote(folder)}`, `boundary=${quote(boundary)}`, snapshotCommands].join("\n");

/** Returns the snapshot in an output, or undefined if there is none. A greeting may come first, also one without a line end. */
export function parseSnapshot(output: string): Snapshot | undefined {
  const beginning = /last-run (\S*)\n(?=nvidia-vgpu-capture 1 )/.exec(output);
  return beginning
    ? { capture: output.slice(beginning.index + beginning[0].length), lastRun: beginning[1]! }
    : undefined;
}
