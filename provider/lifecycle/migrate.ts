import { declaredKey } from "./inputs";
import type { State } from "./state";

/** Properties that states of release 0.1 (schema version 1) have under other names. */
export const newNames: Record<string, string> = {
  all: "instances",
  generation: "appliedAt",
  onGeneration: "dependencyAppliedAt",
  versionOnDisk: "installedVersion",
};

/** Returns a state of release 0.1 as this release would have written it, and any other state unchanged. */
export function migrateState(last: State): State {
  if (last.schemaVersion !== 1) return last;
  const declared = last[declaredKey] as State | undefined;
  return {
    ...migrateProperties(last),
    ...(declared && { [declaredKey]: migrateProperties(declared) }),
    schemaVersion: 2,
  };
}

const migrateProperties = (from: State): State =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [newNames[key] ?? key, migrateValue(key, value)]));

function migrateValue(key: string, value: unknown): unknown {
  if (key === "onDelete" && value === "removeFree") return "removeUnused";
  return key === "gpus" && Array.isArray(value) ? value.map(migrateGpu) : value;
}

/** Also gets selectors of GPUs, which do not have this property. */
export function migrateGpu(gpu: object): object {
  if (!("transformed" in gpu)) return gpu;
  const { transformed: transformedBdf, ...rest } = gpu;
  return { ...rest, transformedBdf };
}
