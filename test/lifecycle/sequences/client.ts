import type { Applied, StepRun } from "../../../provider/apply";
import { Batch } from "../../../provider/host/batch";
import { defaultDependencies } from "../../../provider/host/dependencies";
import { FactsReader } from "../../../provider/host/facts-reader";
import type { Outcome, Request } from "../../../provider/host/host";
import type { HostHandle } from "../../../provider/host/host-handle";
import { QueuedRequest } from "../../../provider/host/queued-request";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { Goal, Plan, Step } from "../../../provider/plan";
import { plan, unblockedSteps } from "../../../provider/plan";
import type { Ssh } from "../../../provider/ssh";
import type { Maker } from "../../plan/model/cards";
import { Refused } from "../../plan/model/cards";
import type { ModelHost } from "../../plan/model/host";

/** What comes between in a run, before the step with this number. */
export interface Disturbance {
  before: number;
  /**
   * `user`: a guest starts with a vGPU; `fails`: the driver refuses; `lost`: the connection, for good; `killed`: the whole process, and
   * the host goes on; `reboot`: somebody reboots the host.
   */
  by: "user" | "fails" | "lost" | "killed" | "reboot";
  /** Which vGPU gets a user. */
  choose: (count: number) => number;
}

/** More rounds of one request than any plan needs. */
const roundsAtMost = 8;

/** One process of one run, with the real way from a request to its answer; only the host is a model, and so is the way to it. */
export class Client {
  /** The plans that steps were taken from, with the facts that they rest on. */
  readonly planned: { facts: HostFacts; goals: readonly Goal[]; steps: Step[] }[] = [];
  /** Steps that the host did not do, and why. */
  readonly refusals: string[] = [];
  /** Steps that the host did. */
  readonly done: string[] = [];
  isKilled = false;
  disturbedBy?: Disturbance["by"];
  isEndless = false;
  private begun = 0;
  private rounds = 0;
  private waiting: QueuedRequest[] = [];
  private work: Promise<void> | undefined;
  private readonly machine: HostHandle;

  constructor(
    private readonly host: ModelHost,
    private readonly makerOf: (step: Step) => Maker,
    private readonly disturbance?: Disturbance,
  ) {
    const dependencies = {
      ...defaultDependencies(),
      facts: () => host.facts(),
      plan: (facts: HostFacts, goals: readonly Goal[]) => this.plan(facts, goals),
    };
    const ssh = new ModelSsh(host, this) as unknown as Ssh;
    this.machine = { ssh, pollingSsh: ssh, dependencies, reader: new FactsReader(ssh, dependencies) };
  }

  /** Runs have no preview. */
  lastFacts(): undefined {
    return undefined;
  }

  async facts(): Promise<HostFacts> {
    return (await this.machine.reader.read(0)).facts;
  }

  ensure(request: Request): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve, reject) =>
      this.waiting.push(new QueuedRequest(request, resolve, reject)),
    );
    this.work ??= this.serve();
    return outcome;
  }

  /** All that ask in one moment are served together, as in provider/host/queued-host.ts. */
  private async serve(): Promise<void> {
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const reading = await this.machine.reader.read(this.waiting[0]!.queuedAt);
      await new Batch(this.machine, this.waiting.splice(0), reading).serve();
    }
    this.work = undefined;
  }

  private plan(facts: HostFacts, goals: readonly Goal[]): Plan {
    const planned = plan(facts, goals);
    this.planned.push({ facts, goals, steps: unblockedSteps(planned) });
    return planned;
  }

  /** As apply/host/run.sh does it: what needs a step that failed is left out. */
  apply(steps: readonly Step[]): Applied {
    this.isEndless ||= ++this.rounds > roundsAtMost;
    if (this.isEndless) throw new Error("the run does not end");
    const results: StepRun[] = [];
    const failed = new Set<string>();
    for (const [i, step] of steps.entries()) {
      const by = this.disturb();
      if (by === "reboot") {
        this.host.reboot();
        return { results: [...results, unseen(step)], rebooting: false, snapshot: look() };
      }
      if (by === "lost" || by === "killed") {
        for (const one of steps.slice(i)) this.take(one, failed, false);
        this.isKilled = by === "killed";
        return { results: [...results, unseen(step)], rebooting: false, error: new Error("the connection was lost") };
      }
      if (by === "user") this.startGuest(step);
      results.push(this.take(step, failed, by === "fails"));
      if (step.requiresReboot && results.at(-1)!.result === "done") return { results, rebooting: true };
    }
    return { results, rebooting: false, snapshot: look() };
  }

  private disturb(): Disturbance["by"] | undefined {
    if (this.begun++ !== this.disturbance?.before) return undefined;
    return (this.disturbedBy = this.disturbance.by);
  }

  private take(step: Step, failed: Set<string>, fails: boolean): StepRun {
    const done = (result: StepRun["result"], lines: string[] = []): StepRun => {
      if (result !== "done") failed.add(step.id);
      return { step, result, seconds: 0, output: lines.join("\n"), lines, ended: result === "done" ? "0" : "1" };
    };
    if (step.dependsOn.some((id) => failed.has(id))) return done("skipped");
    if (fails) return done("failed", ["the driver refuses"]);
    try {
      this.host.run(step.command, this.makerOf(step));
      this.done.push(step.id);
      return done("done");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (step.command[0] !== "reboot_by_hand") this.refusals.push(`${step.id}: ${error.message}`);
      return done("failed", [error.message]);
    }
  }

  /** With the device of the step, if it has one that exists. */
  private startGuest({ device }: Step): void {
    const { vgpus } = this.host;
    const one =
      vgpus.find(({ uuid, function: at, card }) => [uuid, at, card.address].includes(device!)) ??
      vgpus[this.disturbance!.choose(vgpus.length)];
    if (one) one.users = [{ guest: "late", kind: "libvirt", running: true }];
  }
}

/** Answers what the way from a request to its answer asks a host beside its steps. */
class ModelSsh {
  readonly host = "gpu01.example";

  constructor(
    private readonly model: ModelHost,
    private readonly client: Client,
  ) {}

  async run(_: string, { what }: { what: string }) {
    const stdout =
      what === "read the state of the host"
        ? `last-run \n${capture}`
        : what === "check whether the host is back"
          ? this.model.bootId
          : "";
    return { code: 0, stdout, stderr: "" };
  }

  async disconnect(): Promise<void> {}

  /** In the place of provider/apply/apply.ts. */
  async apply(steps: readonly Step[]): Promise<Applied> {
    return this.client.apply(steps);
  }
}

/** What it says is asked of the model: see `means.facts`. */
const capture = "nvidia-vgpu-capture 1 ";

const look = () => ({ capture, lastRun: "", begunAt: performance.now() });

const unseen = (step: Step): StepRun => ({
  step,
  result: "failed",
  seconds: 0,
  output: "",
  lines: [],
  isUnknown: true,
});
