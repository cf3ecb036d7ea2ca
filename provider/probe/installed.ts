import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageVersion } from "../model/read-text";
import { probeScript } from "./script";

/** Where a host has a probe of its own, for logins that may run nothing else as root. */
export const installedProbePath = "/usr/local/lib/nvidia-vgpu/probe";

/** Identifies the text of a probe: most releases do not change it. */
export const probeDigest = (): string =>
  createHash("sha256").update(beginning()).update(probeScript()).digest("hex").slice(0, 12);

/** Returns the file to install: the probe as a program that takes nothing from its caller. */
export function installedProbe(): string {
  const head = beginning().replaceAll("VERSION", packageVersion()).replaceAll("DIGEST", probeDigest());
  // The kernel reads the first line of the file only.
  return head + probeScript().replace(/^#!.*\n/, "");
}

const beginning = (): string => readFileSync(join(__dirname, "installed.sh"), "utf8");
