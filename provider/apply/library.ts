import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { idleSignsForShell } from "../model/idle-signs";

const folder = join(__dirname, "host");

let library: string | undefined;

/** The functions that steps name, and those that run them: everything in host/, as one script. */
export function hostLibrary(): string {
  library ??= [idleSignsForShell(), ...readdirSync(folder).filter((name) => name.endsWith(".sh")).sort().map((name) => readFileSync(join(folder, name), "utf8"))].join("\n");
  return library;
}
