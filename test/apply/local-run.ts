import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StepRun } from "../../provider/apply";
import { hostLibrary } from "../../provider/apply";
import type { Job } from "../../provider/apply/job";
import { followScript } from "../../provider/apply/job";
import type { RunEvents } from "../../provider/apply/run-log";
import { RunLog } from "../../provider/apply/run-log";
import type { Step } from "../../provider/plan";
import { step } from "../../provider/plan";
import { endRuns } from "./processes";

export const shells = ["dash", "bash"].filter((shell) => spawnSync(shell, ["-c", "true"]).status === 0);

export interface LocalRun {
  log: RunLog;
  results: StepRun[];
  told: string[];
  stdout: string;
  stderr: string;
}

export interface LocalOptions {
  shell: string;
  functions?: string;
  isReconnect?: boolean;
  requester?: string;
  /** The last run at the time of the snapshot that the steps are based on. @default the last run */
  basedOnRun?: string;
  id?: string;
  /** PATH of the run. */
  path?: string;
  /** Used instead of the script of the probe. */
  probe?: string;
  /** Called with each line that the client would receive. */
  onLine?: (line: string) => void;
}

let count = 0;

/** A folder on this machine in which jobs run as on a host, without ssh. */
export class LocalRuns {
  readonly dir = mkdtempSync(join(tmpdir(), "apply-test-"));
  readonly folder = join(this.dir, "run");

  path(name: string): string {
    return join(this.dir, name);
  }

  get lastRun(): string {
    const lock = join(this.folder, "lock");
    return existsSync(lock) ? readFileSync(lock, "utf8").trim() : "";
  }

  async run(steps: Step[], options: LocalOptions): Promise<LocalRun> {
    const job: Job = {
      id: options.id ?? `test${++count}`,
      token: `token${++count}`,
      requester: options.requester ?? "someone",
      basedOnRun: options.basedOnRun ?? this.lastRun,
      steps,
    };
    const told: string[] = [];
    const log = new RunLog(job.token, steps, tellInto(told));
    const script = followScript(
      job,
      `${hostLibrary()}\n${options.functions ?? ""}`,
      this.folder,
      "boundary",
      options.isReconnect ?? false,
    );
    // As on a host, where `sh` is the one or the other.
    const child = spawn(`/bin/${options.shell}`, ["-c", `script=$(/bin/cat <&5); exec 5<&-; eval "$script"`], {
      stdio: ["pipe", "pipe", "pipe", "ignore", "ignore", "pipe"],
      env: { ...process.env, PATH: options.path ?? `${this.pathWith(options.shell)}:${process.env.PATH}` },
    });
    child.stdin!.end(options.probe ?? "echo looked");
    (child.stdio as unknown as NodeJS.WritableStream[])[5]!.end(script);
    let [stdout, stderr, unfinished] = ["", "", ""];
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      const lines = (unfinished + text).split("\n");
      unfinished = lines.pop()!;
      for (const line of lines) {
        log.take(line);
        options.onLine?.(line);
      }
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
    await new Promise((ended) => child.once("close", ended));
    return { log, results: log.results, told, stdout, stderr };
  }

  remove(): void {
    endRuns(this.folder);
    rmSync(this.dir, { recursive: true, force: true });
  }

  private pathWith(shell: string): string {
    const bin = this.path(`bin-${shell}`);
    spawnSync("sh", ["-c", `mkdir -p "$1" && ln -sf "$(command -v "$2")" "$1/sh"`, "sh", bin, shell]);
    return bin;
  }
}

const tellInto = (told: string[]): RunEvents => ({
  stepStarted: ({ title }) => told.push(`begin ${title}`),
  stepOutput: ({ title }, line, forPeople) => told.push(`${title} ${forPeople ? "says" : "prints"} ${line}`),
  stepEnded: ({ step: { title }, result }) => told.push(`${result} ${title}`),
  remark: (line) => told.push(`remark: ${line}`),
  rebooting: (reason) => told.push(`the host reboots: ${reason}`),
  silent: () => undefined,
  waiting: (forWhom) => told.push(`waiting for ${forWhom}`),
  connectionLost: () => undefined,
  connectionRestored: () => undefined,
});

/** Returns a step that runs this command. */
export const call = (command: string[], more: Partial<Step> = {}): Step => ({
  ...step({ title: command[0]!, reason: "a test needs it", command, requestedBy: ["test"] }),
  ...more,
});
