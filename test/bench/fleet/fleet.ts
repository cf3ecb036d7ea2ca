import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeScript } from "../../../provider/probe";
import { Semaphore } from "../../../provider/ssh/semaphore";
import { asUsersStart, Stack } from "../../engine/stack";
import type { Endings } from "../endings";
import { ssh } from "../openssh";
import { ProviderMemory } from "../provider-memory";
import { median, say, seconds, timed } from "../report";
import { captureOf, declared } from "./declared";
import { Distance } from "./distance";
import type { LightHost } from "./light-hosts";
import { LightHosts, lightHostPort } from "./light-hosts";

/** What is measured with so many hosts; times in milliseconds. */
export interface FleetFigures {
  hosts: number;
  /** `pulumi preview`, which looks at all hosts first. */
  preview: number;
  /** The same without looking at hosts: what Pulumi takes for itself. */
  blind: number;
  /** Our ssh part alone, in a process of its own. */
  reading: number;
  /** OpenSSH's clients, each for one host, as many at a time as we dial. */
  openssh: number;
  peakMiB: number;
  dialErrors: number;
}

/** As many as the pool of connections dials at once. */
const clientsAtOnce = 10;

/** Half of a round trip. */
const delayMs = 10;

const port = lightHostPort + 1;

/** Many light hosts, far away, and the stack that has them as they are. */
export class Fleet {
  private constructor(
    private readonly hosts: LightHosts,
    private readonly distance: Distance,
    private readonly stack: Stack,
    private readonly folder: string,
  ) {}

  static async start(count: number, endings: Endings): Promise<Fleet> {
    const folder = mkdtempSync(join(tmpdir(), "bench-fleet-"));
    endings.add(() => rmSync(folder, { recursive: true, force: true }));
    // A stack of hundreds of resources is written down hundreds of times, unless told otherwise.
    const env = { ...asUsersStart, PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true", SSH_AUTH_SOCK: "" };
    const stack = new Stack("bench", undefined, { env });
    endings.add(() => stack.remove());
    const hosts = new LightHosts(count, captureOf(stack));
    endings.add(() => hosts.end());
    await hosts.listen();
    const wires = hosts.hosts.map(({ address }) => ({ from: { address, port }, to: { address, port: lightHostPort } }));
    const distance = await Distance.between(wires, delayMs);
    endings.add(() => distance.end());
    writeFileSync(join(folder, "probe.sh"), probeScript());
    writeFileSync(
      join(folder, "known_hosts"),
      hosts.hosts.map(({ address }) => `[${address}]:${port} ${hosts.hostKey}\n`).join(""),
    );
    return new Fleet(hosts, distance, stack, folder);
  }

  async measure(count: number, rounds: number): Promise<FleetFigures> {
    const hosts = this.hosts.hosts.slice(0, count);
    this.stack.declare(hosts.flatMap((host) => declared(host, this.connection(host))));
    say(
      `${count} hosts: up, which finds all as declared: ${seconds(await timed(() => this.pulumi("up", "--yes", "--skip-preview")))}`,
    );
    const all: Omit<FleetFigures, "hosts">[] = [];
    for (let round = 1; round <= rounds; round++) {
      const figures = await this.round(hosts);
      say(`${count} hosts, round ${round}: ${JSON.stringify(figures)}`);
      all.push(figures);
    }
    const most = (of: "peakMiB" | "dialErrors") => Math.max(...all.map((one) => one[of]));
    const middle = (of: "preview" | "blind" | "reading" | "openssh") => median(all.map((one) => one[of]));
    return {
      hosts: count,
      preview: middle("preview"),
      blind: middle("blind"),
      reading: middle("reading"),
      openssh: middle("openssh"),
      peakMiB: most("peakMiB"),
      dialErrors: most("dialErrors"),
    };
  }

  private async round(hosts: LightHost[]): Promise<Omit<FleetFigures, "hosts">> {
    const openssh = await timed(() => this.byOpenSsh(hosts));
    const before = await this.failedDials();
    const reading = await timed(() => this.byOurs(hosts));
    const blind = await timed(() => this.pulumi("preview", "--expect-no-changes", "--refresh=false"));
    let peakMiB = 0;
    const preview = await timed(async () => (peakMiB = await this.pulumi("preview", "--expect-no-changes")));
    return { preview, blind, reading, openssh, peakMiB, dialErrors: (await this.failedDials()) - before };
  }

  /** Connections in which nobody logged in. */
  private async failedDials(): Promise<number> {
    return (await this.distance.traffic()).connections - this.hosts.count(/Accepted publickey/);
  }

  /** Runs the CLI to a good end, and gives the peak memory of its provider process in MiB. */
  private async pulumi(...args: string[]): Promise<number> {
    const { child, ended } = await this.stack.start(...args);
    const memory = new ProviderMemory(child.pid!);
    const { code, output } = await ended.finally(() => memory.end());
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}: ${output}`);
    return memory.peakMiB;
  }

  private async byOpenSsh(hosts: LightHost[]): Promise<void> {
    const login = { keyPath: this.hosts.keyPath, knownHostsPath: join(this.folder, "known_hosts") };
    const limit = new Semaphore(clientsAtOnce);
    await Promise.all(
      hosts.map(async ({ address }) => {
        const leave = await limit.acquire();
        await ssh(login, { address, port }, "sh -s bench", join(this.folder, "probe.sh")).finally(leave);
      }),
    );
  }

  private async byOurs(hosts: LightHost[]): Promise<void> {
    const file = join(this.folder, "connections.json");
    writeFileSync(file, JSON.stringify(hosts.map((host) => this.connection(host))));
    const child = spawn(process.execPath, [join(__dirname, "read-all.js"), file], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    if (code !== 0) throw new Error(`read-all.js ended with ${code}`);
  }

  private connection({ address }: LightHost): Record<string, unknown> {
    const knownHosts = join(this.folder, "known_hosts");
    return { host: address, port, user: "root", privateKeyPath: this.hosts.keyPath, knownHosts };
  }
}
