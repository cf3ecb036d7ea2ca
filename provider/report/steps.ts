import { plural } from "../model/text";
import type { Reboots, StepLine } from "../plan/step-lines";
import { countReboots, formatReboots, stepLines, truncateReason } from "../plan/step-lines";
import { groupHosts } from "./group-messages";
import type { HostChanges } from "./host-changes";

/** Hosts with the same plan. "…" replaces addresses and UUIDs that differ. */
export interface HostGroup extends Reboots {
  hosts: string[];
  lines: StepLine[];
}

/** Groups hosts with the same plan, the largest group first. */
export function groupByPlan(hosts: readonly HostChanges[]): HostGroup[] {
  const changing = hosts
    .filter(({ changes }) => changes.length > 0)
    .map(({ host, changes }) => ({ host, changes, lines: stepLines(changes) }));
  return groupHosts(changing, ({ lines }) => lines.flatMap(({ title, reason }) => [title, reason]))
    .map(({ hosts, texts, first }) => ({
      hosts,
      lines: first.lines.map((_, i) => truncateReason({ title: texts[2 * i]!, reason: texts[2 * i + 1]! })),
      ...countReboots(first.changes),
    }))
    .sort((a, b) => b.hosts.length - a.hosts.length);
}

/** `the same 9 steps, one reboot` */
export function formatGroup({ hosts, lines, ...reboots }: HostGroup): string {
  const count = lines.length;
  const sameSteps = count === 1 ? "the same step" : `the same ${count} steps`;
  const steps = hosts.length === 1 ? plural(count, "step") : sameSteps;
  return `${steps}${formatReboots(reboots)}`;
}
