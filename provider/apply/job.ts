import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { idleSignsForShell } from "../model/idle-signs";
import { oneLine } from "../model/text";
import type { Step } from "../plan";
import { quote, quoteAll } from "../ssh";
import { snapshotCommands } from "./snapshot";

const folder = join(__dirname, "host");

let library: string | undefined;

/** The functions that steps name, and those that run them: everything in host/, as one script. */
export function hostLibrary(): string {
  library ??= [
    idleSignsForShell(),
    ...readdirSync(folder)
      .filter((name) => name.endsWith(".sh"))
      .sort()
      .map((name) => readFileSync(join(folder, name), "utf8")),
  ].join("\n");
  return library;
}

export interface Job {
  /** Names the run on the host; who knows it can come back to it. */
  id: string;
  /** Begins the lines of the log that are ours. Nothing on the host can guess it, so no output looks like one of them. */
  token: string;
  /** Who wants what, for those who have to wait. */
  owner: string;
  /** The last run that had been made on the host when it was looked at; another one since then has made the plan worthless. */
  basedOnRun: string;
  steps: readonly Step[];
}

/** A step of a run. One of a rollback has the step that it is run in place of. */
export interface RunStep {
  step: Step;
  insteadOf?: Step;
}

/** All steps of a run in their order; the place in it is the number of a step. */
export const stepsOfRun = (steps: readonly Step[]): RunStep[] =>
  steps.flatMap((step) => [{ step }, ...(step.rollback ?? []).map((one): RunStep => ({ step: one, insteadOf: step }))]);

/** The script that does a job, for host/run.sh. Plans hold words, so all of it is quoted, and nothing in it is shell text. */
export function jobScript({ id, token, steps }: Job, library: string, folder: string): string {
  const all = stepsOfRun(steps);
  const numbers = new Map(all.map(({ step }, index) => [step.id, String(index)]));
  const before = (step: Step) => step.dependsOn.flatMap((name) => numbers.get(name) ?? []).join(" ");
  const verb = ({ step, insteadOf }: RunStep) =>
    insteadOf
      ? ["rollback_step", numbers.get(insteadOf.id)!]
      : step.requiresReboot
        ? ["reboot_step", oneLine(step.reason)]
        : ["step"];
  const command = (one: RunStep, number: number) =>
    quoteAll([
      ...verb(one),
      String(number),
      String(Math.ceil(one.step.limitSeconds)),
      before(one.step),
      oneLine(one.step.title),
      ...one.step.command,
    ]);
  return [
    "umask 022",
    'export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"',
    library,
    quoteAll(["begin_run", token, `${folder}/run-${id}`]),
    ...all.map(command),
    "end_run",
    "",
  ].join("\n");
}

const follower = readFileSync(join(__dirname, "follow.sh"), "utf8");

/** The command that has a job done and follows it; probe.sh goes to its stdin. `again` finds a run that began before. */
export function followScript(job: Job, library: string, folder: string, boundary: string, again: boolean): string {
  const values = {
    folder,
    boundary,
    id: job.id,
    token: job.token,
    owner: oneLine(job.owner),
    seen: job.basedOnRun,
    job: again ? "" : jobScript(job, library, folder),
    again: again ? "yes" : "",
  };
  return [...Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`), follower, snapshotCommands].join(
    "\n",
  );
}
