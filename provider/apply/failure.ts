import { UserError } from "../model/errors";
import type { StepRun } from "./applied-step";
import { explain, type Explanation } from "./explain";
import { tellingKinds } from "./explain/common";
import { inShort, linesShown, unique } from "./explain/rule";
import { seconds } from "./text";

/** Why a step did not do what it should. */
export function stepFailure({ step, ended, lines }: StepRun, host: string): UserError {
  const known = ended === "late" ? null : explain(step.run[0]!, lines);
  const { tried = step.does, seen, next }: Explanation = known ?? byItsEnd(step.limitSeconds, ended, lines);
  return new UserError({ tried, host, device: step.device, seen, next });
}

/** Returns the error for a host that was rebooted and could not be reached within the limit. */
export function rebootTimedOut(host: string, limitSeconds: number, seen: string): UserError {
  return new UserError({
    tried: "see the host come back from its reboot", host,
    seen: `waited ${seconds(limitSeconds)}; ${seen}`,
    next: "Look at its console (BMC). Once it is up, run it again: it goes on from there.",
  });
}

/** Functions of the library end with the most telling line. */
function byItsEnd(limitSeconds: number, ended: string | undefined, lines: readonly string[]): { seen: string; next: string } {
  const last = lines.at(-1)?.trim();
  if (ended === undefined) {
    return { seen: `it was ended on the host before it was done${last ? ` (${last})` : ""}`, next: "Run it again: it goes on from what is there." };
  }
  if (ended === "late") {
    return {
      seen: `it had not ended after ${limitSeconds} s and was stopped${last ? `; the last it printed was: ${last}` : ""}`,
      next: "Look on the host what it waits for (dmesg, journalctl), then run it again.",
    };
  }
  const seen = last === undefined ? `it ended with ${ended} and said nothing` : [last.replace(/\.$/, ""), ...telling(lines.slice(0, -1))].join("; ");
  return { seen, next: "Put that right and run it again: what is done stays." };
}

/** Lines before the last that say why: of the first kind that was printed. */
function telling(lines: readonly string[]): string[] {
  const ofKinds = tellingKinds.map((kind) => unique(lines.filter((line) => kind.test(line))));
  return (ofKinds.find((found) => found.length > 0) ?? []).slice(-linesShown).map(inShort);
}
