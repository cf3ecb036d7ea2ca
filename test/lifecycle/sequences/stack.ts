import { isDeepStrictEqual } from "node:util";
import { PartialFailure } from "../../../provider/lifecycle/engine/errors";
import { ownersOf } from "../../../provider/lifecycle/engine/owner";
import { urnParts } from "../../../provider/lifecycle/engine/urn";
import type { ProviderEnvironment } from "../../../provider/lifecycle/environment";
import type { Handler } from "../../../provider/lifecycle/handler";
import { handlerFor } from "../../../provider/lifecycle/handler";
import { newInstance } from "../../../provider/lifecycle/instance";
import { driver } from "../../../provider/lifecycle/kinds/driver";
import { layout } from "../../../provider/lifecycle/kinds/layout";
import { sriov } from "../../../provider/lifecycle/kinds/sriov";
import { vgpu } from "../../../provider/lifecycle/kinds/vgpu";
import type { State } from "../../../provider/lifecycle/state";
import type { Step } from "../../../provider/plan";
import type { ModelHost } from "../../plan/model/host";
import { urnOf } from "../fake-host";
import type { Disturbance } from "./client";
import { Client } from "./client";

export type KindName = "driver" | "sriov" | "vgpu" | "layout";

/** One resource as a program has it. */
export interface Declared {
  kind: KindName;
  args: object;
}

export type Program = Map<string, Declared>;

/** One resource as the state has it. */
interface Kept {
  kind: KindName;
  id: string;
  inputs: State;
  outs: State;
  /** It was made or changed only in part. */
  isUnfinished: boolean;
}

/** How a run ended. */
export interface Run {
  client: Client;
  /** All that is declared had its turn, and what the host has was looked at before. */
  isWhole: boolean;
  /** URN to what was said of it at the end. */
  errors: Map<string, string>;
  /** What was shown on the rows. */
  said: string[];
  /** URNs of resources that the run deleted, and it ended well for them; with the instance that the state had. */
  deleted: Map<string, unknown>;
}

const tokens: Record<KindName, string> = {
  driver: "VgpuManagerInstall",
  sriov: "SriovEnablement",
  vgpu: "MdevVgpu",
  layout: "VgpuLayout",
};
/** What stands on what. */
const levels: KindName[][] = [["driver"], ["sriov"], ["vgpu", "layout"]];

/** A stack, with a state of its own and a machine that it is run on; and the engine, as far as it decides what is called. */
export class Stack {
  private readonly state = new Map<string, Kept>();
  program: Program = new Map();

  constructor(
    /** Tells apart states, also those of stacks of one name. */
    readonly id: string,
    private readonly name: string,
    /** Where its owner is derived from, as long as no state has it. */
    public runner: string,
    private readonly host: ModelHost,
  ) {}

  get resources(): string[] {
    return [...this.state.keys()];
  }

  /** As the state has it. */
  ownerOf(name: string): unknown {
    return this.state.get(name)?.outs.owner;
  }

  get urnPrefix(): string {
    return `urn:pulumi:${this.name}::`;
  }

  urn(name: string, kind: KindName): string {
    return urnOf(tokens[kind], name, this.name);
  }

  /** `pulumi up`: refresh where it is asked for, then all that is declared, then what is not any more. */
  async up({ refresh = true, disturbance }: { refresh?: boolean; disturbance?: Disturbance } = {}): Promise<Run> {
    return this.run(refresh, disturbance, async (engine) => {
      if (refresh) await engine.refresh();
      for (const level of levels) {
        const names = [...this.program].filter(([, { kind }]) => level.includes(kind));
        await Promise.all(names.map(([name, declared]) => engine.declare(name, declared)));
        if (engine.hasFailed) return;
      }
      await engine.remove(this.resources.filter((name) => !this.program.has(name)));
    });
  }

  async destroy(disturbance?: Disturbance): Promise<Run> {
    return this.run(false, disturbance, (engine) => engine.remove(this.resources));
  }

  private async run(
    isWhole: boolean,
    disturbance: Disturbance | undefined,
    go: (engine: Engine) => Promise<void>,
  ): Promise<Run> {
    const taking = [...this.program]
      .filter(([, { args }]) => "takeOver" in args)
      .map(([name, { kind }]) => this.urn(name, kind));
    const makerOf = (step: Step) => ({
      stack: this.id,
      resource: step.requestedBy[0],
      takesOver: taking.includes(step.requestedBy[0]!),
    });
    const client = new Client(this.host, makerOf, disturbance);
    const engine = new Engine(this.state, client, this.runner, (name, kind) => this.urn(name, kind));
    await go(engine);
    return { client, isWhole, errors: engine.errors, said: engine.said, deleted: engine.deleted };
  }
}

/** One run of the engine. What it learns behind the death of its process gets into no state. */
class Engine {
  readonly errors = new Map<string, string>();
  readonly said: string[] = [];
  readonly deleted = new Map<string, unknown>();
  private readonly handlers: Record<KindName, Handler>;

  constructor(
    private readonly state: Map<string, Kept>,
    private readonly client: Client,
    runner: string,
    private readonly urn: (name: string, kind: KindName) => string,
  ) {
    const world: ProviderEnvironment = {
      hostAt: () => client,
      sink: async ({ message }) => void this.said.push(message),
      ownerOf: ownersOf((urn) => `acme/${urnParts(urn).stack}#${runner}`),
      newInstance: (urn, isFirst) => (isFirst ? newInstance(urn, true) : String(instances++)),
      now: () => new Date(clock++),
    };
    this.handlers = {
      driver: handlerFor(driver, world),
      sriov: handlerFor(sriov, world),
      vgpu: handlerFor(vgpu, world),
      layout: handlerFor(layout, world),
    };
  }

  get hasFailed(): boolean {
    return this.errors.size > 0 || this.client.isKilled;
  }

  async refresh(): Promise<void> {
    for (const [name, kept] of [...this.state]) {
      const { id, props, inputs } = await this.handlers[kept.kind].read(kept.id, kept.outs);
      if (id === undefined) this.state.delete(name);
      else this.state.set(name, { ...kept, outs: props!, inputs: { ...kept.inputs, ...inputs } });
    }
  }

  async declare(name: string, { kind, args }: Declared): Promise<void> {
    const handler = this.handlers[kind];
    const last = this.state.get(name);
    const given = { ...args, connection, __urn: this.urn(name, kind), dependencyAppliedAt: this.appliedAtBelow(kind) };
    const { inputs, failures } = await handler.check(last?.inputs ?? {}, given);
    if (failures.length > 0) return this.fail(name, kind, failures.map(({ reason }) => reason).join(" "));
    const isReplaced = last && (await handler.diff(last.id, last.outs, inputs)).replaces.length > 0;
    if (isReplaced) await this.remove([name]);
    if (this.hasFailed && isReplaced) return;
    const now = this.state.get(name);
    if (!now) return this.keep(name, kind, inputs, () => handler.create(inputs));
    const { changes = !isDeepStrictEqual(now.inputs, inputs) } = await handler.diff(now.id, now.outs, inputs);
    if (changes || now.isUnfinished)
      return this.keep(name, kind, inputs, async () => ({
        id: now.id,
        ...(await handler.update(now.id, now.outs, inputs)),
      }));
    this.state.set(name, { ...now, inputs });
  }

  /** Those on top first. */
  async remove(names: readonly string[]): Promise<void> {
    for (const level of [...levels].reverse()) {
      const these = names.filter((name) => this.state.has(name) && level.includes(this.state.get(name)!.kind));
      await Promise.all(these.map((name) => this.removeOne(name)));
      if (this.hasFailed) return;
    }
  }

  private async removeOne(name: string): Promise<void> {
    const { kind, id, outs } = this.state.get(name)!;
    try {
      await this.handlers[kind].delete(id, outs);
    } catch (error) {
      return this.fail(name, kind, (error as Error).message);
    }
    if (this.client.isKilled) return;
    this.state.delete(name);
    this.deleted.set(this.urn(name, kind), outs.instance);
  }

  private async keep(
    name: string,
    kind: KindName,
    inputs: State,
    write: () => Promise<{ id: string; outs: State }>,
  ): Promise<void> {
    try {
      const { id, outs } = await write();
      if (!this.client.isKilled) this.state.set(name, { kind, id, inputs, outs, isUnfinished: false });
    } catch (error) {
      this.fail(name, kind, (error as Error).message);
      if (error instanceof PartialFailure && !this.client.isKilled)
        this.state.set(name, { kind, id: error.id, inputs, outs: error.properties, isUnfinished: true });
    }
  }

  private fail(name: string, kind: KindName, message: string): void {
    this.errors.set(this.urn(name, kind), message);
  }

  /** vGPUs stand on virtual functions, and these on the driver. */
  private appliedAtBelow(kind: KindName): string | undefined {
    const below = { driver: [], sriov: ["driver"], vgpu: ["sriov", "driver"], layout: ["sriov", "driver"] }[kind];
    const found = below.flatMap((one) => [...this.state.values()].filter((kept) => kept.kind === one));
    return found[0]?.outs.appliedAt as string | undefined;
  }
}

const connection = { host: "gpu01.example" };
let instances = 0;
let clock = Date.UTC(2026, 0, 1);
