import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { probeScript } from "../../../provider/probe";
import { Semaphore } from "../../../provider/ssh/semaphore";
import type { Declared } from "../../engine/stack";
import { asUsersStart, Stack } from "../../engine/stack";
import type { LabHost } from "../../lab";
import { up } from "../../lab";
import type { Endings } from "../endings";
import type { Login } from "../openssh";
import { ssh } from "../openssh";
import { say, seconds } from "../report";
import type { Place } from "../wire";
import { Wire } from "../wire";
import { creation, look, mdevsOn, placesFor, removeAll } from "./by-hand";
import type { Cost } from "./meter";
import { Meter } from "./meter";

/** The same done in three ways. */
export interface HostFigures {
  what: string;
  ours: Cost;
  /** All of it in one command of one connection of OpenSSH. */
  oneConnection: Cost;
  /** A connection of OpenSSH for each command. */
  perCommand: Cost;
}

export const cards = 4;
const type = "A40-1Q";

/** As many as Pulumi runs at once, and sshd takes. */
const commandsAtOnce = Math.min(4 * cpus().length, 10);

/** A lab host with four A40, behind a wire that counts. */
export class OneHost {
  private constructor(
    private readonly lab: LabHost,
    private readonly at: Place,
    private readonly meter: Meter,
    private readonly folder: string,
    private readonly endings: Endings,
  ) {}

  static async start(endings: Endings): Promise<OneHost> {
    const folder = mkdtempSync(join(tmpdir(), "bench-host-"));
    endings.add(() => rmSync(folder, { recursive: true, force: true }));
    const lab = await up({ cards: Array(cards).fill("A40").join(), state: "ready" });
    endings.add(() => lab.down());
    const wire = new Wire();
    endings.add(() => wire.close());
    const at = await wire.lay({ address: "127.0.0.1", port: 0 }, lab);
    writeFileSync(join(folder, "known_hosts"), `[${at.address}]:${at.port} ${lab.hostKey}\n`);
    const host = new OneHost(lab, at, await Meter.on(lab, wire), folder, endings);
    const stack = host.stackOf("functions", [
      { kind: "SriovEnablement", name: "functions", connection: host.connection, gpus: "all" },
    ]);
    await run(stack, "up", "--yes", "--skip-preview");
    return host;
  }

  /** So many vGPUs, created on a host that has none, for each of the counts; first in what it gives, a preview of the most of them. */
  async measure(counts: readonly number[]): Promise<HostFigures[]> {
    const all: HostFigures[] = [];
    for (const count of counts) {
      const stack = this.stackOf(
        `singles-${count}`,
        Array.from({ length: count }, (_, index) => this.single(index)),
      );
      const ours = await this.creating(count, "pulumi up", () =>
        run(stack, "up", "--yes", "--skip-preview", "--parallel", "128"),
      );
      if (count === counts.at(-1)) all.unshift(await this.nothingToDo(stack));
      const once = await this.byHand(count);
      const oneConnection = await this.creating(count, "one ssh", () =>
        this.ssh("sh -es", this.script(once.flat().join("\n"))),
      );
      const again = await this.byHand(count);
      const perCommand = await this.creating(count, `${again.flat().length} ssh`, () => this.perCommand(again));
      await removeAll(this.lab);
      all.push({ what: `${count} creates`, ours, oneConnection, perCommand });
    }
    return all;
  }

  private async nothingToDo(stack: Stack): Promise<HostFigures> {
    const looks = (await mdevsOn(this.lab)).map((uuid) => [look(uuid)]);
    return {
      what: `\`preview\` of ${looks.length}, nothing to do`,
      ours: await this.cost("pulumi preview", () => run(stack, "preview", "--expect-no-changes")),
      oneConnection: await this.cost("one ssh, our probe", () => this.ssh("sh -s bench", this.script(probeScript()))),
      perCommand: await this.cost(`${looks.length} ssh, one look each`, () => this.perCommand(looks)),
    };
  }

  /** The commands that make so many, where there are none. */
  private async byHand(count: number): Promise<string[][]> {
    await removeAll(this.lab);
    return (await placesFor(this.lab, count, cards, type)).map((place) => creation(type, place));
  }

  private async creating(count: number, how: string, work: () => Promise<void>): Promise<Cost> {
    const cost = await this.cost(`${count} creates by ${how}`, work);
    const there = await mdevsOn(this.lab);
    if (there.length !== count) throw new Error(`${how}: ${there.length} vGPUs are there, not ${count}`);
    return cost;
  }

  private async cost(what: string, work: () => Promise<void>): Promise<Cost> {
    const cost = await this.meter.cost(work);
    say(`${what}: ${seconds(cost.ms)}, ${JSON.stringify(cost)}`);
    return cost;
  }

  /** Each list in its order, as many lists at once as Pulumi would run commands. */
  private async perCommand(lists: string[][]): Promise<void> {
    const limit = new Semaphore(commandsAtOnce);
    await Promise.all(
      lists.map(async (commands) => {
        const leave = await limit.acquire();
        try {
          for (const command of commands) await this.ssh(command);
        } finally {
          leave();
        }
      }),
    );
  }

  private ssh(command: string, inputPath?: string): Promise<void> {
    const login: Login = { keyPath: this.lab.keyPath, knownHostsPath: join(this.folder, "known_hosts") };
    return ssh(login, this.at, command, inputPath);
  }

  private script(text: string): string {
    const path = join(this.folder, "script.sh");
    writeFileSync(path, text);
    return path;
  }

  private single(index: number): Declared {
    const gpu = { model: "A40", index: index % cards };
    return { kind: "MdevVgpu", name: `desktop-${index}`, connection: this.connection, gpu, type };
  }

  private get connection(): Record<string, unknown> {
    const {
      lab: { keyPath, hostKey },
      at,
    } = this;
    return { host: at.address, port: at.port, user: "root", privateKeyPath: keyPath, hostKey };
  }

  private stackOf(name: string, resources: Declared[]): Stack {
    const stack = new Stack(name, undefined, { env: { ...asUsersStart, SSH_AUTH_SOCK: "" } });
    this.endings.add(() => stack.remove());
    stack.declare(resources);
    return stack;
  }
}

async function run(stack: Stack, ...args: string[]): Promise<void> {
  const { code, output } = await stack.pulumi(...args);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}: ${output}`);
}
