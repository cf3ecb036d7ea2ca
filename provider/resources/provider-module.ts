import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** The module that Pulumi loads in a process of its own, from the folder of the program. */
export const providerModule = "pulumi-nvidia-vgpu/provider";

/** Returns whether Node finds the module from a folder. */
export function isProviderFound(folder: string): boolean {
  try {
    createRequire(join(folder, "program.js")).resolve(providerModule);
    return true;
  } catch {
    return false;
  }
}

let isChecked = false;

/**
 * Warns once if Pulumi will not find this package: pnpm gives a program only its own dependencies, not those of a library that it
 * uses. A warning, because programs of the automation API run in another folder than their provider.
 */
export function warnIfProviderIsMissing(folder = process.cwd()): void {
  if (isChecked) return;
  isChecked = true;
  if (isProviderFound(folder)) return;
  void pulumi.log.warn(
    `Pulumi loads ${providerModule} from the folder of the program, and it cannot be found from ${folder}. ` +
      "Add pulumi-nvidia-vgpu to the dependencies of the program, also if a library of yours depends on it.",
  );
}
