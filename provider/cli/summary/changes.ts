import { isUrn, urnParts } from "../../lifecycle/engine/urn";
import { enumerate } from "../../plan/format";
import { byName } from "../../report/format";
import type { HostMessage } from "../../report/group-messages";
import { groupMessages } from "../../report/group-messages";
import type { PreviewStep } from "./preview";

/** What Pulumi would do with the resources of each host; hosts for which that is the same are told of once. */
export function changesByHost(steps: readonly PreviewStep[]): HostMessage[] {
  const changes = new Map<string, Map<string, string[]>>();
  for (const step of steps) {
    const about = isChange(step) ? partOf(step.urn) : null;
    if (!about) continue;
    const ofHost = changes.get(about.host) ?? new Map<string, string[]>();
    changes.set(about.host, ofHost.set(verb(step), [...(ofHost.get(verb(step)) ?? []), about.part]));
  }
  const hosts = [...changes].map(([host, of]) => ({
    host,
    says: [...of].map(([does, parts]) => `${does}: ${enumerate(parts)}`).join("; "),
  }));
  return groupMessages(
    hosts.sort((a, b) => byName(a.host, b.host)),
    ({ says }) => [says],
  );
}

const isChange = ({ op }: PreviewStep): boolean => !["same", "refresh", "read"].includes(op);

const partNames: Record<string, (card: string) => string> = {
  VgpuManagerInstall: () => "driver",
  SriovEnablement: () => "virtual functions",
  VgpuLayout: (card) => (card ? `card ${card}` : "card"),
  MdevVgpu: () => "vGPU",
};

/** Whose resource it is, and what of that host it is: driver and functions are called as the host, cards `HOST/CARD`. */
export function partOf(urn: string): { host: string; part: string } | null {
  if (!isUrn(urn)) return null;
  const { type, name } = urnParts(urn);
  const part = partNames[/nvidia-vgpu:(\w+)$/.exec(type)?.[1] ?? ""];
  const [host, card = ""] = name.split(/\/(?=[^/]*$)/) as [string, string?];
  return part ? { host, part: part(card) } : null;
}

function verb(step: PreviewStep): string {
  const properties = step.op === "update" ? changedProperties(step) : [];
  return properties.length ? `${step.op} (${properties.join(", ")})` : step.op;
}

const dependency = "what it depends on";
// States of release 0.1 have the second name.
const propertyNames: Record<string, string> = { dependencyAppliedAt: dependency, onGeneration: dependency };

/** Where Pulumi does not tell which properties differ, the inputs do. */
function changedProperties({ detailedDiff, oldState, newState }: PreviewStep): string[] {
  const [before = {}, after = {}] = [oldState?.inputs, newState?.inputs];
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  const told = Object.keys(detailedDiff ?? {}).map((path) => /^[\w-]+/.exec(path)?.[0] ?? path);
  const names = (told.length ? told : differing).filter((name) => !name.startsWith("__"));
  return [...new Set(names.map((name) => propertyNames[name] ?? name))];
}
