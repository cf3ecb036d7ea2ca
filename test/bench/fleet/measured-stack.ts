import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Declared, Stack } from "../../engine/stack";
import type { ProcessTimes } from "../cli-processes";
import { CliProcesses, roles } from "../cli-processes";
import type { Effort } from "../processor-time";
import { measured } from "../processor-time";
import { median } from "../report";
import { cloneState } from "./cloned-state";
import type { LightHost } from "./light-hosts";

/** What a run of the CLI took, and which of its processes. */
export interface CliEffort extends Effort {
  processes: ProcessTimes;
}

/** The figures of a stack in which nothing is to be done. */
export interface StackFigures {
  /** `pulumi preview`, which inspects all hosts first. */
  preview: CliEffort;
  /** The same with `--refresh=false`: the time of Pulumi itself. */
  withoutRefresh: CliEffort;
  /** `pulumi preview` with the settings for many hosts of docs/fleet.md. */
  tuned: CliEffort;
  peakMiB: number;
  dialErrors: number;
  stateBytes: number;
}

/** A stack with three resources for each host, all in sync. */
export class MeasuredStack {
  private stateOfOne: string | undefined;

  constructor(
    private readonly stack: Stack,
    private readonly folder: string,
    private readonly declared: (host: LightHost) => Declared[],
    /** Runs before each measurement. */
    private readonly prepare = () => {},
  ) {}

  /** `failedDials` returns their number so far. */
  async measure(hosts: readonly LightHost[], failedDials: () => Promise<number>): Promise<StackFigures> {
    this.prepare();
    const stateBytes = await this.importState(hosts);
    this.stack.declare(hosts.flatMap(this.declared));
    const before = await failedDials();
    const withoutRefresh = await this.preview("--refresh=false");
    const { peakMiB, ...preview } = await this.preview();
    const tuned = await this.withoutLog(() => this.preview("--run-program", "--parallel", "32"));
    const dialErrors = (await failedDials()) - before;
    return { preview, withoutRefresh, tuned, peakMiB, dialErrors, stateBytes };
  }

  /** Runs `up` for one host, and copies its state for the others. Returns the size of the state. */
  async importState(hosts: readonly LightHost[]): Promise<number> {
    const [first] = hosts;
    this.stateOfOne ??= await this.upOfOne(first!);
    await this.import(cloneState(this.stateOfOne, first!, hosts));
    return Buffer.byteLength(this.stack.stateFile);
  }

  /** Returns the state that `up` writes. */
  private async upOfOne(host: LightHost): Promise<string> {
    await this.import(JSON.stringify({ version: 3, deployment: {} }));
    this.stack.declare(this.declared(host));
    await this.pulumi("up", "--yes", "--skip-preview");
    const { code, output } = await this.stack.pulumi("stack", "export", "--show-secrets");
    if (code !== 0) throw new Error(`pulumi stack export failed with exit code ${code}: ${output}`);
    return output;
  }

  private async import(state: string): Promise<void> {
    const file = join(this.folder, "state.json");
    writeFileSync(file, state);
    await this.pulumi("stack", "import", "--file", file);
  }

  private async preview(...options: string[]): Promise<CliEffort & { peakMiB: number }> {
    let processes!: CliProcesses;
    const effort = await measured(
      async () => (processes = await this.pulumi("preview", "--expect-no-changes", ...options)),
    );
    return { ...effort, processes: processes.times(effort.cpuMs), peakMiB: processes.peakMiB };
  }

  /** The CLI writes all properties of all resources to a log, and goes on without it if it cannot make the folder. */
  private async withoutLog<T>(run: () => Promise<T>): Promise<T> {
    const logs = join(this.stack.folder, "home", "logs");
    rmSync(logs, { recursive: true, force: true });
    writeFileSync(logs, "");
    const result = await run();
    rmSync(logs);
    mkdirSync(logs);
    return result;
  }

  /** Runs the CLI, and returns its processes. Throws if it fails. */
  private async pulumi(...args: string[]): Promise<CliProcesses> {
    const { child, ended } = await this.stack.start(...args);
    const processes = new CliProcesses(child.pid!);
    const { code, output } = await ended.finally(() => processes.end());
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed with exit code ${code}: ${output}`);
    return processes;
  }
}

export const middle = (efforts: readonly Effort[]): Effort => ({
  ms: median(efforts.map(({ ms }) => ms)),
  cpuMs: median(efforts.map(({ cpuMs }) => cpuMs)),
});

const middleOfCli = (efforts: readonly CliEffort[]): CliEffort => {
  const times = roles.map((role) => [role, median(efforts.map(({ processes }) => processes[role]))]);
  return { ...middle(efforts), processes: Object.fromEntries(times) as ProcessTimes };
};

/** Returns the medians of all rounds; of memory and errors the worst. */
export const combined = (rounds: readonly StackFigures[]): StackFigures => ({
  preview: middleOfCli(rounds.map(({ preview }) => preview)),
  withoutRefresh: middleOfCli(rounds.map(({ withoutRefresh }) => withoutRefresh)),
  tuned: middleOfCli(rounds.map(({ tuned }) => tuned)),
  peakMiB: Math.max(...rounds.map(({ peakMiB }) => peakMiB)),
  dialErrors: Math.max(...rounds.map(({ dialErrors }) => dialErrors)),
  stateBytes: rounds[0]!.stateBytes,
});
