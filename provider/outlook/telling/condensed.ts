import type { Plan, Step } from "../../plan";
import { saidOfAll, together } from "./said-of-all";

/** One step, or several of a kind on one card, as a person wants to read it. */
export interface Line {
  /** "create 4 × A40-12Q on 0000:41:00.0" */
  does: string;
  because: string;
  /** What of the host it is about: "4 × A40-12Q on 0000:41:00.0", "0000:41:00.0". */
  about?: string;
}

/** The steps of a plan in as few lines as a person wants. */
export const condensed = ({ steps }: Pick<Plan, "steps">): Line[] => linesOf(steps).map(readable);

/** The same with its reasons in full. */
export function linesOf(steps: readonly Step[]): Line[] {
  const bundles = new Map<string, Step[]>();
  for (const step of steps) bundles.set(bundleOf(step), [...(bundles.get(bundleOf(step)) ?? []), step]);
  return [...bundles.values()].map(lineOf);
}

const longestReason = 200;

export const readable = (line: Line): Line => ({ ...line, because: cut(line.because, longestReason) });

const verbs: Record<string, string> = {
  create_mdev: "create", set_type: "create", remove_mdev: "remove", clear_type: "remove", adopt_vgpu: "adopt",
};

const verbOf = ({ run }: Step): string | undefined => verbs[run[0]!];

const bundleOf = (step: Step): string => (step.vgpu && verbOf(step) ? [verbOf(step), step.vgpu.type, step.vgpu.gpu].join(" ") : step.id);

function lineOf(bundle: readonly Step[]): Line {
  const { does, device, vgpu } = bundle[0]!;
  const because = reasons(bundle);
  if (!vgpu) return { does, because, ...(device && { about: device }) };
  const about = `${bundle.length > 1 ? `${bundle.length} × ` : ""}${vgpu.type} on ${vgpu.gpu}`;
  return { does: bundle.length > 1 ? `${verbOf(bundle[0]!)} ${about}` : does, because, about };
}

const reasons = (steps: readonly Step[]): string =>
  together(steps, ({ because }) => [because]).map((alike) => saidOfAll(alike.map(({ because }) => because))).join("; ");

/** At the end of a word, if there is one in the second half. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const start = text.slice(0, most);
  const end = start.lastIndexOf(" ");
  return `${start.slice(0, end > most / 2 ? end : most)} …`;
}
