import { isUrn, urnParts } from "../../lifecycle/engine/urn";
import { enumerate } from "../../plan/format";
import { byName } from "../../report/format";
import type { HostMessage } from "../../report/group-messages";
import { groupMessages } from "../../report/group-messages";
import type { PreviewStep } from "./preview";

/** Returns what Pulumi would do with the resources of each host. Hosts with the same changes are one group. */
export function changesByHost(steps: readonly PreviewStep[]): HostMessage[] {
  const changes = new Map<string, Map<string, string[]>>();
  for (const step of steps) {
    const part = isChange(step) ? partOf(step.urn) : null;
    if (!part) continue;
    const hostChanges = changes.get(part.host) ?? new Map<string, string[]>();
    changes.set(
      part.host,
      hostChanges.set(operationOf(step), [...(hostChanges.get(operationOf(step)) ?? []), part.part]),
    );
  }
  const hosts = [...changes].map(([host, operations]) => ({
    host,
    message: [...operations].map(([operation, parts]) => `${operation}: ${enumerate(parts)}`).join("; "),
  }));
  return groupMessages(
    hosts.sort((a, b) => byName(a.host, b.host)),
    ({ message }) => [message],
  );
}

const isChange = ({ op }: PreviewStep): boolean => !["same", "refresh", "read"].includes(op);

const partNames: Record<string, (gpuKey: string) => string> = {
  VgpuManagerInstall: () => "driver",
  MigEnablement: () => "MIG mode",
  SriovEnablement: () => "virtual functions",
  VgpuLayout: (gpuKey) => (gpuKey ? `GPU ${gpuKey}` : "GPU"),
  MdevVgpu: () => "vGPU",
};

/** Returns host and part of a resource by its name: `HOST` for driver and VFs, `HOST/KEY` for the layout of a GPU. */
function partOf(urn: string): { host: string; part: string } | null {
  if (!isUrn(urn)) return null;
  const { type, name } = urnParts(urn);
  const part = partNames[/nvidia-vgpu:(\w+)$/.exec(type)?.[1] ?? ""];
  const [host, gpuKey = ""] = name.split(/\/(?=[^/]*$)/) as [string, string?];
  return part ? { host, part: part(gpuKey) } : null;
}

function operationOf(step: PreviewStep): string {
  const properties = step.op === "update" ? changedProperties(step) : [];
  return properties.length ? `${step.op} (${properties.join(", ")})` : step.op;
}

const dependency = "what it depends on";
// States of release 0.1 have the second name.
const propertyNames: Record<string, string> = { dependencyAppliedAt: dependency, onGeneration: dependency };

/** Returns the properties that Pulumi names, or else the inputs that differ. */
function changedProperties({ detailedDiff, oldState, newState }: PreviewStep): string[] {
  const [before = {}, after = {}] = [oldState?.inputs, newState?.inputs];
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  const named = Object.keys(detailedDiff ?? {}).map((path) => /^[\w-]+/.exec(path)?.[0] ?? path);
  const names = (named.length ? named : differing).filter((name) => !name.startsWith("__"));
  return [...new Set(names.map((name) => propertyNames[name] ?? name))];
}
