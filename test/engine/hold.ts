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
const said = "/run/hold-step";

/**
 * Watches for a step, by the function of the host library that it calls, and stops its run: there, or as soon as an expression of
 * hold-step.pl is true. Resolves when the watch is kept, so that a step of a moment can be waited for before it is let begin, and
 * gives what waits for the stop. Through the guest agent, so it neither needs ssh nor shows in its log.
 */
export async function watchFor(lab: LabHost, calls: string, middle = "1"): Promise<() => Promise<Held>> {
  await inGuest(
    lab,
    `rm -f ${said}; perl - ${calls} '${middle}' >${said} 2>&1 <<'PERL' &\n${script}\nPERL\n until grep -q . ${said}; do sleep 0.02; done`,
  );
  return async () => {
    // Starts no process after the first, which under software emulation is what costs.
    const printed = await inGuest(lab, `read -r pid <${said}; tail -n +1 -f -s 0.1 --pid=$pid ${said}`);
    const [, runner, watchdog, step] = printed.trimEnd().split("\n");
    if (!step) throw new Error(`${calls} was not stopped: ${printed}`);
    return { runner: runner!, watchdog: watchdog!, step };
  };
}

/** Ends a part of what was stopped, and lets the rest of it go on. */
export async function endHeld(lab: LabHost, { runner, watchdog, step }: Held, dies: Dies): Promise<void> {
  const [dying, living] = {
    step: [step, `${runner} ${watchdog}`],
    run: [`${runner} ${watchdog} ${step}`, ""],
    runner: [runner, `${watchdog} ${step}`],
  }[dies];
  // One that is stopped may die by itself with the one above it: the kernel hangs up on a stopped process group that nobody is left to continue.
  await inGuest(lab, `kill -KILL ${dying} || true${living && `; kill -CONT ${living}`}`);
}
