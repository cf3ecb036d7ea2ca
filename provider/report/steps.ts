import type { Plan, Step } from "../plan";
import { plural } from "./format";
import { commonText, groupAlike, groupHosts } from "./group-messages";
import type { HostChanges } from "./host-changes";

/** One step, or several of the same kind on one GPU. */
export interface StepLine {
  /** "create 4 × A40-12Q on 0000:41:00.0" */
  title: string;
  reason: string;
  /** What is changed: "4 × A40-12Q on 0000:41:00.0", "0000:41:00.0". Missing if it is the host. */
  subject?: string;
}

/** Returns the steps of a plan as lines. Similar steps are one line, and long reasons are cut. */
export const summarizeSteps = ({ steps }: Pick<Plan, "steps">): StepLine[] => stepLines(steps).map(truncateReason);

/** Returns the steps as lines, with full reasons. */
export function stepLines(steps: readonly Step[]): StepLine[] {
  const bundles = new Map<string, Step[]>();
  for (const step of steps) bundles.set(bundleKey(step), [...(bundles.get(bundleKey(step)) ?? []), step]);
  return [...bundles.values()].map(bundleLine);
}

const maxReasonLength = 200;

const truncateReason = (line: StepLine): StepLine => ({
  ...line,
  reason: truncate(line.reason, maxReasonLength),
});

const verbs: Record<string, string> = {
  create_mdev: "create",
  set_type: "create",
  remove_mdev: "remove",
  clear_type: "remove",
  adopt_vgpu: "adopt",
};

const verbOf = ({ command }: Step): string | undefined => verbs[command[0]!];

const bundleKey = (step: Step): string =>
  step.vgpu && verbOf(step) ? [verbOf(step), step.vgpu.type, step.vgpu.gpu].join(" ") : step.id;

function bundleLine(bundle: readonly Step[]): StepLine {
  const { title, device, vgpu } = bundle[0]!;
  const reason = commonReasons(bundle);
  if (!vgpu) return { title, reason, ...(device && { subject: device }) };
  const subject = `${bundle.length > 1 ? `${bundle.length} × ` : ""}${vgpu.type} on ${vgpu.gpu}`;
  return { title: bundle.length > 1 ? `${verbOf(bundle[0]!)} ${subject}` : title, reason, subject };
}

const commonReasons = (steps: readonly Step[]): string =>
  groupAlike(steps, ({ reason }) => [reason])
    .map((group) => commonText(group.map(({ reason }) => reason)))
    .join("; ");

/** Cuts a text at the end of a word, if one ends in the second half. */
function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  const start = text.slice(0, max);
  const end = start.lastIndexOf(" ");
  return `${start.slice(0, end > max / 2 ? end : max)} …`;
}

/** Hosts with the same plan. "…" replaces addresses and UUIDs that differ. */
export interface HostGroup {
  hosts: string[];
  lines: StepLine[];
  /** Number of reboots of each host. */
  reboots: number;
  /** The operator has to reboot. `up` stops there. */
  manualReboot: boolean;
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
export function formatGroup({ hosts, lines, reboots, manualReboot }: HostGroup): string {
  const count = lines.length;
  const sameSteps = count === 1 ? "the same step" : `the same ${count} steps`;
  const steps = hosts.length === 1 ? plural(count, "step") : sameSteps;
  if (reboots === 0) return steps;
  return `${steps}, ${reboots === 1 ? "one reboot" : `${reboots} reboots`}${manualReboot ? " (manual)" : ""}`;
}

function countReboots(steps: readonly Step[]): Pick<HostGroup, "reboots" | "manualReboot"> {
  const found = steps.filter((step) => step.requiresReboot);
  return { reboots: found.length, manualReboot: found.some(({ command }) => command[0] === "reboot_by_hand") };
}
