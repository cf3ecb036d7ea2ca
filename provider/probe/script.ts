import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What is sent to the host; it comes in on the standard input of `sh -s BOUNDARY`. */
export const probeScript = (): string => readFileSync(join(__dirname, "probe.sh"), "utf8");

/** Random, so that nothing on the host can write a line that looks like a section's. */
export const newBoundary = (): string => randomUUID();
