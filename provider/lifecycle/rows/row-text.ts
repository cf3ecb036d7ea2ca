import { plural, sentence } from "../../model/text";
import { countReboots, formatReboots, numberedLines, summarizeSteps } from "../../plan/step-lines";
import type { Severity } from "../engine/log";
import type { RowPlan } from "./host-goals";

/** What a preview shows on the row of a resource. The engine shows the first line on the row itself. */
export interface RowMessage {
  severity: Severity;
  lines: string[];
}

/**
 * Returns the message for a plan. Nothing is done for a blocked resource, so its steps are not shown. `isListed`: another message lists
 * the steps.
 */
export function rowMessage(plan: RowPlan, { isListed }: { isListed: boolean }): RowMessage {
  const blockers = plan.blockers.map(({ reason, hint }) => [reason, hint].filter(Boolean).map(sentence).join(" "));
  if (blockers.length > 0) return { severity: "warning", lines: unique(blockers.map((text) => `blocked: ${text}`)) };
  if (plan.waitsFor) return { severity: "warning", lines: [`waits for ${plan.waitsFor}, which is blocked`] };
  const lines = summarizeSteps(plan);
  if (lines.length === 0) return { severity: "info", lines: ["no change on the host"] };
  const count = `${plural(lines.length, "step")}${formatReboots(countReboots(plan.steps))}`;
  return { severity: "info", lines: isListed ? [count] : [count, ...numberedLines(lines)] };
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
