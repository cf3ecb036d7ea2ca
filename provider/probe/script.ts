import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Returns the script that is sent to the host, as standard input of `sh -s BOUNDARY`. */
export const probeScript = (): string => readFileSync(join(__dirname, "probe.sh"), "utf8");

/** Returns a random boundary, so that nothing on the host can write a line that looks like the start of a section. */
export const newBoundary = (): string => randomUUID();
