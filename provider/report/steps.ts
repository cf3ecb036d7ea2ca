import type { Plan, Step } from "../plan";
import { plural } from "./format";
import { commonText, groupAlike } from "./group-messages";
import type { HostChanges } from "./report";

/** One step, or several of a kind on one card, as a person wants to read it. */
export interface StepLine {
  /** "create 4 × A40-12Q on 0000:41:00.0" */
  title: string;
  reason: string;
  /** What of the host it is about: "4 × A40-12Q on 0000:41:00.0", "0000:41:00.0". */
  subject?: string;
}

/** The steps of a plan in as few lines as a person wants. */
export const summarizeSteps = ({ steps }: Pick<Plan, "steps">): StepLine[] => stepLines(steps).map(truncateReason);

/** The same with its reasons in full. */
export function stepLines(steps: readonly Step[]): StepLine[] {
  const bundles = new Map<string, Step[]>();
  for (const step of steps) bundles.set(bundleKey(step), [...(bundles.get(bundleKey(step)) ?? []), step]);
  return [...bundles.values()].map(bundleLine);
}

const maxReasonLength = 200;

export const truncateReason = (line: StepLine): StepLine => ({
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
    .map((alike) => commonText(alike.map(({ reason }) => reason)))
    .join("; ");

/** At the end of a word, if there is one in the second half. */
function truncate(text: string, most: number): string {
  if (text.length <= most) return text;
  const start = text.slice(0, most);
  const end = start.lastIndexOf(" ");
  return `${start.slice(0, end > most / 2 ? end : most)} …`;
}

/** Hosts with the same plan. Where they differ in addresses and UUIDs, there is "…". */
export interface HostGroup {
  hosts: string[];
  lines: StepLine[];
  /** How often each of them reboots. */
  reboots: number;
  /** They are told to be rebooted by hand, and `up` ends there. */
  manualReboot: boolean;
}

/** The largest first. */
export function groupByPlan(hosts: readonly HostChanges[]): HostGroup[] {
  const changing = hosts.flatMap(({ host, changes }) =>
    changes.length ? [{ host, changes, lines: stepLines(changes) }] : [],
  );
  return groupAlike(changing, ({ lines }) => lines.flatMap(({ title, reason }) => [title, reason]))
    .map((alike) => ({
      hosts: alike.map(({ host }) => host),
      lines: alike[0].lines.map((_, i) => truncateReason(sameLine(alike.map(({ lines }) => lines[i]!)))),
      ...countReboots(alike[0].changes),
    }))
    .sort((a, b) => b.hosts.length - a.hosts.length);
}

/** `the same 9 steps, one reboot` */
export function formatGroup({ hosts, lines, reboots: times, manualReboot }: HostGroup): string {
  const steps =
    hosts.length === 1
      ? plural(lines.length, "step")
      : `the same ${lines.length === 1 ? "step" : `${lines.length} steps`}`;
  if (!times) return steps;
  return `${steps}, ${times === 1 ? "one reboot" : `${times} reboots`}${manualReboot ? ", left to you" : ""}`;
}

const sameLine = (lines: readonly StepLine[]): StepLine => ({
  title: commonText(lines.map(({ title }) => title)),
  reason: commonText(lines.map(({ reason }) => reason)),
});

function countReboots(steps: readonly Step[]): Pick<HostGroup, "reboots" | "manualReboot"> {
  const found = steps.filter((step) => step.requiresReboot);
  return { reboots: found.length, manualReboot: found.some(({ command }) => command[0] === "reboot_by_hand") };
}
