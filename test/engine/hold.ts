import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LabHost } from "../lab";
import { inGuest } from "../lab/faults/fault";

/** A run that was stopped in the middle of a step: the pids of all that it started, blanks between them. */
export interface Held {
  runner: string;
  watchdog: string;
  step: string;
}

/** What of a run dies. Its step alone, all of it, or the runner alone, without which the step goes on to its end. */
export type Dies = "step" | "run" | "runner";

const script = readFileSync(join(__dirname, "hold-step.pl"), "utf8");

/**
 * Waits for a step, by the function of the host library that it calls, and stops its run: there, or as soon as an expression of
 * hold-step.pl is true. Through the guest agent, so it neither needs ssh nor shows in its log.
 */
export async function holdStep(lab: LabHost, calls: string, middle = "1"): Promise<Held> {
  const printed = await inGuest(lab, `perl - ${calls} '${middle}' <<'PERL'\n${script}\nPERL`);
  const [runner, watchdog, step] = printed.split("\n") as [string, string, string];
  return { runner, watchdog, step };
}

/** Ends a part of what was stopped, and lets the rest of it go on. */
export async function endHeld(lab: LabHost, { runner, watchdog, step }: Held, dies: Dies): Promise<void> {
  const [dying, living] = { step: [step, `${runner} ${watchdog}`], run: [`${runner} ${watchdog} ${step}`, ""], runner: [runner, `${watchdog} ${step}`] }[dies];
  await inGuest(lab, `kill -KILL ${dying}${living && `; kill -CONT ${living}`}`);
}
