import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { idleSignsForShell } from "../model/idle-signs";
import { oneLine } from "../model/text";
import type { Step } from "../plan";
import { quote, quoteAll } from "../ssh";
import { restorerFunctions } from "./restorer/restorer";
import { snapshotCommands } from "./snapshot";

const folder = join(__dirname, "host");

let library: string | undefined;

/** Returns all of host/ as one script: the functions that steps call, and those that run the steps. */
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
  /** Names the run on the host, so that it can be found again. */
  id: string;
  /** Begins the lines of the log that this package prints. Programs on the host cannot guess it, so their output is never taken for such a line. */
  token: string;
  /** Who has the steps run, and for which resources; reported by clients that wait for the run. */
  requester: string;
  /** The last run before the snapshot that the plan is based on. Another run since then makes the plan outdated. */
  basedOnRun: string;
  steps: readonly Step[];
}

/** A step of a run. A step of a rollback also has the step that it replaces. */
export interface RunStep {
  step: Step;
  insteadOf?: Step;
}

/** Returns all steps of a run in their order. The index is the number of the step. */
export const stepsOfRun = (steps: readonly Step[]): RunStep[] =>
  steps.flatMap((step) => [{ step }, ...(step.rollback ?? []).map((one): RunStep => ({ step: one, insteadOf: step }))]);

/** Returns the script of a job, for host/run.sh. All values of a plan are quoted, so none of them is run as shell text. */
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
    ...(all.some(({ step }) => step.command[0] === "install_restorer") ? [restorerFunctions()] : []),
    quoteAll(["begin_run", token, `${folder}/run-${id}`]),
    ...all.map(command),
    "end_run",
    "",
  ].join("\n");
}

const follower = readFileSync(join(__dirname, "follow.sh"), "utf8");

/** Returns the command that starts a job and follows it; probe.sh goes to its stdin. With `isReconnect` it finds a run that was started before. */
export function followScript(
  job: Job,
  library: string,
  folder: string,
  boundary: string,
  isReconnect: boolean,
): string {
  const values = {
    folder,
    boundary,
    id: job.id,
    token: job.token,
    requester: oneLine(job.requester),
    based_on: job.basedOnRun,
    job: isReconnect ? "" : jobScript(job, library, folder),
    reconnect: isReconnect ? "yes" : "",
  };
  return [...Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`), follower, snapshotCommands].join(
    "\n",
  );
}
