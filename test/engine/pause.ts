import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LabHost } from "../lab";
import { inGuest } from "../lab/faults/fault";

/** A run that was paused (SIGSTOP) in the middle of a step: the pids of its processes, separated by blanks. */
export interface PausedRun {
  runner: string;
  watchdog: string;
  step: string;
}

/** Which part of a run is killed: only its step, all of it, or only the runner, without which the step continues to its end. */
export type KilledPart = "step" | "run" | "runner";

const script = readFileSync(join(__dirname, "pause-step.pl"), "utf8");
const reportFile = "/run/pause-step";

/**
 * Waits for a step that calls this function of the host library, and pauses its run at the beginning of the step, or as soon as
 * `middle`, an expression of pause-step.pl, is true. Resolves when the watch has begun, so that no short step is missed, with a
 * function that waits for the pause. It uses the guest agent, so it neither needs ssh nor is in its log.
 */
export async function pauseAtStep(lab: LabHost, calls: string, middle = "1"): Promise<() => Promise<PausedRun>> {
  await inGuest(
    lab,
    `rm -f ${reportFile}; perl - ${calls} '${middle}' >${reportFile} 2>&1 <<'PERL' &\n${script}\nPERL\n until grep -q . ${reportFile}; do sleep 0.02; done`,
  );
  return async () => {
    // One process only: under software emulation starting one is expensive.
    const printed = await inGuest(lab, `read -r pid <${reportFile}; tail -n +1 -f -s 0.1 --pid=$pid ${reportFile}`);
    const [, runner, watchdog, step] = printed.trimEnd().split("\n");
    if (!step) throw new Error(`${calls} was not paused: ${printed}`);
    return { runner: runner!, watchdog: watchdog!, step };
  };
}

/** Kills a part of a paused run, and resumes the rest. */
export async function killAndResume(
  lab: LabHost,
  { runner, watchdog, step }: PausedRun,
  dies: KilledPart,
): Promise<void> {
  const [dying, living] = {
    step: [step, `${runner} ${watchdog}`],
    run: [`${runner} ${watchdog} ${step}`, ""],
    runner: [runner, `${watchdog} ${step}`],
  }[dies];
  // A paused process may die with its parent: the kernel sends SIGHUP to an orphaned process group that is stopped.
  await inGuest(lab, `kill -KILL ${dying} || true${living && `; kill -CONT ${living}`}`);
}
