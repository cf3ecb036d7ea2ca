import type { LabHost } from "../lab";
import type { Vgpus } from "./declared";
import { connectionTo } from "./declared";
import type { Declared } from "./stack";

interface MigProgram {
  /** Arguments of the MigEnablement. */
  mig: { enabled?: string[]; disabled?: string[]; reboot?: string; onDelete?: string };
  /** Counts of vGPUs of each GPU, by its model. */
  layouts: Record<string, Vgpus>;
  /** @default as for programs */
  restoreAtBoot?: boolean;
}

const selectors = (models: string[] = []) => models.map((model) => ({ model }));

/** Returns a MigEnablement, the virtual functions of all its GPUs, and a layout of each, which has the model as its name. */
export function migProgram(lab: LabHost, { mig, layouts, ...boot }: MigProgram): Declared[] {
  const { enabled, disabled, ...rest } = mig;
  const modes = { enabled: selectors(enabled), disabled: selectors(disabled) };
  return [
    { kind: "MigEnablement", name: "mig", connection: connectionTo(lab), ...modes, ...rest, ...boot },
    { kind: "SriovEnablement", name: "functions", on: "mig", gpus: selectors(Object.keys(layouts)), ...boot },
    ...Object.entries(layouts).map(
      ([model, vgpus]): Declared => ({
        kind: "VgpuLayout",
        name: model,
        on: "functions",
        gpu: { model },
        vgpus,
        ...boot,
      }),
    ),
  ];
}

/** Returns the vGPUs of each GPU, by the prefix of its types. */
export const layoutsOf = (vgpus: Vgpus, prefixes: Record<string, string>): Record<string, Vgpus> =>
  Object.fromEntries(
    Object.entries(prefixes).map(([model, prefix]) => [
      model,
      Object.fromEntries(Object.entries(vgpus).filter(([type]) => type.startsWith(prefix))),
    ]),
  );

/** Returns the profiles and slices of GPU instances, as text: their ids are not stable. */
export const placesOf = (instances: Record<number, string>): string => Object.values(instances).sort().join(" ");
