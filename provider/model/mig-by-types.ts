import { knownTypeByName, knownTypes } from "./catalogue";
import type { VgpuTypeName } from "./vgpu-type";
import { shortName, sizeInName } from "./vgpu-type";

/**
 * Returns whether MIG mode has to be on for these types, or off; undefined if they do not decide it: the GPU has no MIG, or the types are
 * not published.
 */
export function migModeFor(types: readonly string[]): boolean | undefined {
  const names = types.map((type) => shortName(knownTypeByName(type as VgpuTypeName)?.name ?? type));
  if (names.some(isMigBacked)) return true;
  return names.some((name) => beginningsWithMig().has(beginningOf(name))) ? false : undefined;
}

const isMigBacked = (name: string) => sizeInName(name)?.slices != null;

const beginningOf = (name: string) => name.toLowerCase().replace(/-.*/, "");

let beginnings: Set<string> | undefined;

/** How the types of GPUs begin that have MIG-backed types as well. */
const beginningsWithMig = (): Set<string> =>
  (beginnings ??= new Set(
    knownTypes()
      .map(({ name }) => shortName(name))
      .filter(isMigBacked)
      .map(beginningOf),
  ));
