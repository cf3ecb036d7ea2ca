import { UserError } from "../model/errors";
import type { StepRun } from "./applied-step";
import { explainers, type Explanation } from "./explain";

/** Why a step did not do what it should. */
export function stepFailure({ step, ended, lines }: StepRun, host: string): UserError {
  const explain = explainers[step.run[0]!];
  const { tried = step.does, seen, next }: Explanation = (ended !== "late" && explain?.(lines.join("\n"))) || byItsEnd(step.limitSeconds, ended, lines);
  return new UserError({ tried, host, device: step.device, seen, next });
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
  return { seen: last ?? `it ended with ${ended} and said nothing`, next: "Put that right and run it again: what is done stays." };
}
