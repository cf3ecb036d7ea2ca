import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { probeScript } from "../../../provider/probe";
import { Semaphore } from "../../../provider/ssh/semaphore";
import type { Declared } from "../../engine/stack";
import { Stack, withoutQuickStart } from "../../engine/stack";
import type { LabHost } from "../../lab";
import { up } from "../../lab";
import type { Cleanup } from "../cleanup";
import type { Login } from "../openssh";
import { ssh } from "../openssh";
import { printProgress, seconds } from "../report";
import type { Endpoint } from "../tcp-proxy";
import { TcpProxy } from "../tcp-proxy";
import { checkCommand, creationCommands, mdevsOn, placesFor, removeAll } from "./manual-vgpus";
import type { Cost } from "./meter";
import { Meter } from "./meter";

/** One operation, done in three ways. */
export interface HostFigures {
  what: string;
  ours: Cost;
  /** One command over one connection of OpenSSH. */
  oneConnection: Cost;
  /** A connection of OpenSSH for each command. */
  perCommand: Cost;
}

export const cards = 4;
const type = "A40-1Q";

/** As many as Pulumi runs concurrently, and sshd accepts. */
const commandsAtOnce = Math.min(4 * cpus().length, 10);

/** A lab host with four A40, behind a counting proxy. */
export class OneHost {
  private constructor(
    private readonly lab: LabHost,
    private readonly at: Endpoint,
    private readonly meter: Meter,
    private readonly folder: string,
    private readonly cleanup: Cleanup,
  ) {}

  static async start(cleanup: Cleanup): Promise<OneHost> {
    const folder = mkdtempSync(join(tmpdir(), "bench-host-"));
    cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
    const lab = await up({ cards: Array(cards).fill("A40").join(), state: "ready" });
    cleanup.add(() => lab.down());
    const proxy = new TcpProxy();
    cleanup.add(() => proxy.close());
    const at = await proxy.forward({ address: "127.0.0.1", port: 0 }, lab);
    writeFileSync(join(folder, "known_hosts"), `[${at.address}]:${at.port} ${lab.hostKey}\n`);
    const host = new OneHost(lab, at, await Meter.on(lab, proxy), folder, cleanup);
    const stack = host.stackOf("functions", [
      { kind: "SriovEnablement", name: "functions", connection: host.connection, gpus: "all" },
    ]);
    await run(stack, "up", "--yes", "--skip-preview");
    return host;
  }

  /** Measures the creation of each number of vGPUs on a host without vGPUs. The first result is a preview of the largest number. */
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
      const once = await this.commandsFor(count);
      const oneConnection = await this.creating(count, "one ssh", () =>
        this.ssh("sh -es", this.script(once.flat().join("\n"))),
      );
      const again = await this.commandsFor(count);
      const perCommand = await this.creating(count, `${again.flat().length} ssh`, () => this.perCommand(again));
      await removeAll(this.lab);
      all.push({ what: `${count} creates`, ours, oneConnection, perCommand });
    }
    return all;
  }

  private async nothingToDo(stack: Stack): Promise<HostFigures> {
    const checks = (await mdevsOn(this.lab)).map((uuid) => [checkCommand(uuid)]);
    return {
      what: `\`preview\` of ${checks.length}, nothing to do`,
      ours: await this.cost("pulumi preview", () => run(stack, "preview", "--expect-no-changes")),
      oneConnection: await this.cost("one ssh, our probe", () => this.ssh("sh -s bench", this.script(probeScript()))),
      perCommand: await this.cost(`${checks.length} ssh, one check each`, () => this.perCommand(checks)),
    };
  }

  /** Removes all vGPUs, and returns the commands that create `count` of them. */
  private async commandsFor(count: number): Promise<string[][]> {
    await removeAll(this.lab);
    return (await placesFor(this.lab, count, cards, type)).map((place) => creationCommands(type, place));
  }

  private async creating(count: number, how: string, work: () => Promise<void>): Promise<Cost> {
    const cost = await this.cost(`${count} creates by ${how}`, work);
    const there = await mdevsOn(this.lab);
    if (there.length !== count) throw new Error(`${how}: ${there.length} vGPUs exist, not ${count}`);
    return cost;
  }

  private async cost(what: string, work: () => Promise<void>): Promise<Cost> {
    const cost = await this.meter.cost(work);
    printProgress(`${what}: ${seconds(cost.ms)}, ${JSON.stringify(cost)}`);
    return cost;
  }

  /** Runs each list in its order, and as many lists concurrently as Pulumi runs commands. */
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
    const stack = new Stack(name, undefined, { env: { ...withoutQuickStart, SSH_AUTH_SOCK: "" }, startsProgram: true });
    this.cleanup.add(() => stack.remove());
    stack.declare(resources);
    return stack;
  }
}

async function run(stack: Stack, ...args: string[]): Promise<void> {
  const { code, output } = await stack.pulumi(...args);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed with exit code ${code}: ${output}`);
}
