import { commonText, groupAlike } from "../model/alike";
import type { Plan, Step } from "./plan";

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
  rerecord_vgpu: "record",
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

/** The reboots of one host. */
export interface Reboots {
  reboots: number;
  /** The operator has to reboot. `up` stops there. */
  manualReboot: boolean;
}

export function countReboots(steps: readonly Step[]): Reboots {
  const found = steps.filter((step) => step.requiresReboot);
  return { reboots: found.length, manualReboot: found.some(({ command }) => command[0] === "reboot_by_hand") };
}

/** `, one reboot (manual)`; empty without a reboot. */
export function formatReboots({ reboots, manualReboot }: Reboots): string {
  if (reboots === 0) return "";
  return `, ${reboots === 1 ? "one reboot" : `${reboots} reboots`}${manualReboot ? " (manual)" : ""}`;
}

/** `  1. enable the 32 virtual functions of 0000:41:00.0: VFs are off (0 of 32)` */
export const numberedLines = (lines: readonly StepLine[]): string[] =>
  lines.map(({ title, reason }, i) => `${String(i + 1).padStart(3)}. ${title}: ${reason}`);
