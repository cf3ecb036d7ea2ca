import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { hostLibrary } from "../../provider/apply";
import type { HostDependencies } from "../../provider/host/dependencies";
import { defaultDependencies } from "../../provider/host/dependencies";
import type { Request } from "../../provider/host/host";
import { QueuedHost } from "../../provider/host/queued-host";
import type { Connection } from "../../provider/model/connection";
import type { Identity } from "../../provider/model/facts/system";
import type { Plan, Step, VgpuGoal } from "../../provider/plan";
import { step } from "../../provider/plan";
import { hostFacts } from "../../provider/probe";
import { ConnectionPool } from "../../provider/ssh";
import { endRuns } from "../apply/processes";
import { claimBy } from "../plan/claim";

/** This machine may be busy. */
export const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 45_000 });

/** What a test's planner says of one goal: its part of the plan, or steps alone. */
export type Planned = Partial<Plan> | Step[];

/** This machine, on which goals are files, and steps are whatever a test writes into the library. */
export class LocalTestHost {
  private static readonly all: LocalTestHost[] = [];
  readonly dir = mkdtempSync(join(tmpdir(), "host-test-"));
  readonly folder = join(this.dir, "run");
  readonly pool = new ConnectionPool();
  readonly dependencies: HostDependencies;
  /** How the planner answers, by the key of the goal; without it, a file of that name is wanted. */
  planned: Record<string, () => Planned> = {};
  /** Every key in the plans so far. */
  readonly plans: string[][] = [];

  constructor(
    readonly connection: Connection,
    functions = "",
    overrides: Partial<HostDependencies> = {},
  ) {
    LocalTestHost.all.push(this);
    this.dependencies = {
      ...defaultDependencies(),
      folder: this.folder,
      lostSeconds: 15,
      library: `${hostLibrary()}\n${makeFile}\n${functions}`,
      plan: (_facts, goals) => this.plan(goals.map(({ key }) => key)),
      ...overrides,
    };
  }

  host(connection = this.connection, pool = this.pool): QueuedHost {
    return new QueuedHost(connection, { pool, dependencies: this.dependencies });
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  text(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** A step that makes a file; other words run something else. */
  step(key: string, more: Partial<Step> = {}): Step {
    const made = step({
      title: `make ${key}`,
      reason: `there is no ${key}`,
      command: ["make_file", this.path(key)],
      requestedBy: [key],
      ...more,
    });
    return { ...made, id: more.id ?? made.id };
  }

  withIdentity(identity: Partial<Identity>): Pick<HostDependencies, "facts"> {
    return {
      facts: (capture) => {
        const facts = hostFacts(capture);
        return { ...facts, system: { ...facts.system, identity: { ...facts.system.identity, ...identity } } };
      },
    };
  }

  /** The server writes its log in its own time. */
  async settled(count: () => number): Promise<void> {
    for (let last = -1; last !== count(); await new Promise((done) => setTimeout(done, 50))) last = count();
  }

  static removeAll(): void {
    for (const bench of LocalTestHost.all.splice(0)) bench.remove();
  }

  private remove(): void {
    this.pool.closeAll();
    endRuns(this.folder);
    rmSync(this.dir, { recursive: true, force: true });
  }

  private plan(keys: string[]): Plan {
    this.plans.push(keys);
    const parts = keys.map((key) => this.planned[key]?.() ?? (this.has(key) ? [] : [this.step(key)]));
    const whole = parts.map((part) => (Array.isArray(part) ? { steps: part } : part));
    const steps = new Map(whole.flatMap((part) => part.steps ?? []).map((one) => [one.id, one]));
    return { steps: [...steps.values()], blockers: whole.flatMap((part) => part.blockers ?? []), notes: [] };
  }
}

const makeFile = `make_file() { : >"$1"; }`;

export function request(key: string, more: Partial<Request> = {}): Request & { lines: string[] } {
  const lines: string[] = [];
  return { goal: vgpuGoal(key), progress: (line) => lines.push(line), lines, ...more };
}

const vgpuGoal = (key: string): VgpuGoal => ({
  kind: "vgpus",
  key,
  gpu: { address: "0000:41:00.0" } as VgpuGoal["gpu"],
  desired: [],
  obsolete: [],
  claim: claimBy(""),
  managesWholeGpu: true,
});
