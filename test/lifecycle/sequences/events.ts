import type { VgpuRecord } from "../../../provider/model/facts/vgpu";
import type { ModelCard } from "../../plan/model/cards";
import { functionsOf, isOnVfs, Refused, sizes, typeBy } from "../../plan/model/cards";
import { ModelHost } from "../../plan/model/host";
import { ModelKernel } from "../../plan/model/kernel";
import type { Random } from "../../plan/random";
import type { Disturbance } from "./client";
import { edited, lowered } from "./programs";
import { checkRun, checkSettled, snapshot } from "./rules";
import type { Run } from "./stack";
import { Stack } from "./stack";

type Event = (random: Random) => Promise<void> | void;

/** A host, the stacks that have to do with it, and what happens to them one after the other. */
export class Sequence {
  readonly host = new ModelHost();
  readonly stacks: Stack[];
  readonly log: string[] = [];

  constructor(private readonly random: Random) {
    for (const bus of ["3b", "41"].slice(0, 1 + random.below(2)))
      this.host.add(random.oneOf(["A40", "L40S", "T4"] as const), `0000:${bus}:00.0`, random.chance(70));
    this.host.cards.forEach((card, n) => (card.uuid = `GPU-0000000${n}-0000-0000-0000-000000000000`));
    if (random.chance(30)) this.host.kernel = new ModelKernel(random.chance(70));
    if (this.host.kernel) for (const card of this.host.cards) card.on = !isOnVfs(card);
    // The last two have one name and no common state.
    this.stacks = [
      ["A", "test", "11111111"],
      ["B", "prod", "11111111"],
      ["C", "prod", "22222222"],
    ].map(([id, name, runner]) => new Stack(id!, name!, runner!, this.host));
    for (const stack of this.stacks) stack.program = edited(random, this.host, new Map());
  }

  /** One event, and then a stack that comes to rest: whatever happened, one run is enough. */
  async next(): Promise<void> {
    const stack = this.random.oneOf(this.stacks);
    const name = this.random.oneOf(weighted);
    this.log.push(`${name} ${stack.id}`);
    await this.events(stack)[name](this.random);
    if (this.random.chance(40)) return;
    const settling = this.random.oneOf(this.stacks);
    const first = await this.run(settling, "up", () => settling.up());
    checkSettled(first, await this.run(settling, "up", () => settling.up()));
  }

  /** All who use something leave, everything can be read, and all stacks go. */
  async end(): Promise<void> {
    this.host.failing.clear();
    this.host.holders.clear();
    for (const vgpu of this.host.vgpus) vgpu.users = [];
    for (const stack of this.stacks) await this.run(stack, "destroy", () => stack.destroy());
  }

  private events(stack: Stack): Record<EventName, Event> {
    const { host } = this;
    return {
      edit: async (random) => {
        stack.program = edited(random, host, stack.program);
        await this.run(stack, "up", () => stack.up({ refresh: random.chance(50) }));
      },
      interrupted: async (random) => {
        stack.program = edited(random, host, stack.program);
        await this.run(stack, "up", () => stack.up({ disturbance: disturbance(random) }));
      },
      killed: async (random) => {
        await this.run(stack, "destroy", () => stack.destroy());
        stack.program = edited(random, host, new Map());
        await this.run(stack, "up", () => stack.up({ disturbance: { ...disturbance(random), by: "killed" } }));
        stack.program = lowered(stack.program);
        await this.run(stack, "up", () => stack.up());
      },
      destroy: async (random) => {
        await this.run(stack, "destroy", () => stack.destroy(random.chance(20) ? disturbance(random) : undefined));
        checkSettled(
          await this.run(stack, "destroy", () => stack.destroy()),
          await this.run(stack, "destroy", () => stack.destroy()),
        );
      },
      reboot: () => host.reboot(),
      record: (random) => this.loseRecord(random),
      user: (random) => {
        for (const vgpu of host.vgpus)
          if (random.chance(30))
            vgpu.users = vgpu.users.length ? [] : [{ guest: "web", kind: "libvirt", running: random.chance(50) }];
      },
      byHand: (random) => this.somebodyActs(random),
      runner: (random) => void (stack.runner = String(random.below(1e8)).padStart(8, "0")),
      reader: (random) => {
        const reader = random.oneOf(["users", "records", "holders"] as const);
        if (host.failing.has(reader)) host.failing.delete(reader);
        else host.failing.add(reader);
      },
      holder: (random) => {
        const card = random.oneOf(host.cards);
        if (host.holders.has(card)) host.holders.delete(card);
        else
          host.holders.set(card, {
            pid: 2202,
            command: "dcgm-exporter",
            unit: "nvidia-dcgm.service",
            container: null,
            guest: null,
          });
      },
    };
  }

  private async run(stack: Stack, what: string, go: () => Promise<Run>): Promise<Run> {
    const before = snapshot(this.host);
    const run = await go();
    this.log.push(`  ${what} ${stack.id}: ${[...run.client.done, ...run.errors.values()].join(" | ") || "nothing"}`);
    checkRun(this.host, before, stack, run);
    return run;
  }

  /** Removed by hand, cut off by a full disk, or of a version that wrote less, which has not adopted anything that is known as adopted. */
  private loseRecord(random: Random): void {
    const { records } = this.host;
    if (records.size === 0) return;
    const uuid = random.oneOf([...records.keys()]);
    const { function: at, typeId, owner, typeName, servesAs, adopted }: VgpuRecord = records.get(uuid)!;
    if (adopted || random.chance(60)) records.delete(uuid);
    else records.set(uuid, { uuid, function: at, typeId, owner, typeName, servesAs });
  }

  /** Types of the counts of all layouts: what fits one of them, layouts may adopt. */
  private wantedOn({ address }: ModelCard): string[] {
    const all = this.stacks.flatMap(({ program }) =>
      [...program.values()].map(({ args }) => args as { gpu?: string; vgpus?: object }),
    );
    return all.filter(({ gpu }) => gpu === address).flatMap(({ vgpus = {} }) => Object.keys(vgpus));
  }

  private somebodyActs(random: Random): void {
    const { host } = this;
    const free = host.vgpus.filter(({ users }) => users.length === 0);
    if (free.length > 0 && random.chance(40))
      return void (host.vgpus = host.vgpus.filter((vgpu) => vgpu !== random.oneOf(free)));
    const card = random.oneOf(host.cards);
    const places = functionsOf(card).slice(0, 8);
    if (places.length === 0) return;
    try {
      const uuid =
        card.kind === "L40S" ? null : `00000000-0000-4000-8000-${String(random.below(1e9)).padStart(12, "0")}`;
      host.make(
        card,
        random.oneOf(places),
        typeBy(card.kind, random.oneOf([...this.wantedOn(card), random.oneOf(sizes[card.kind])])),
        uuid,
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
}

const weights = {
  edit: 6,
  interrupted: 5,
  killed: 2,
  destroy: 2,
  reboot: 3,
  record: 2,
  user: 3,
  byHand: 4,
  runner: 3,
  reader: 2,
  holder: 2,
};
type EventName = keyof typeof weights;
const weighted = (Object.keys(weights) as EventName[]).flatMap((name) => Array<EventName>(weights[name]).fill(name));

const disturbance = (random: Random): Disturbance => ({
  before: random.below(5),
  by: random.oneOf(["user", "fails", "lost", "killed", "reboot"]),
  choose: (count) => random.below(count),
});
