import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeScript } from "../../../provider/probe";
import { Semaphore } from "../../../provider/ssh/semaphore";
import { Stack, withoutQuickStart } from "../../engine/stack";
import type { Cleanup } from "../cleanup";
import { ssh } from "../openssh";
import type { Effort } from "../processor-time";
import { measured } from "../processor-time";
import { ProviderMemory } from "../provider-memory";
import { median, printProgress } from "../report";
import { cloneState } from "./cloned-state";
import { captureOf, declared, recordsOf } from "./declared";
import type { LightHost } from "./light-hosts";
import { LightHosts, lightHostPort } from "./light-hosts";
import type { ToolName } from "./others/other-tools";
import { OtherTools, toolNames } from "./others/other-tools";
import { ProxyProcess } from "./proxy-process";

/** The figures of a stack in which nothing is to be done. */
export interface StackFigures {
  /** `pulumi preview`, which inspects all hosts first. */
  preview: Effort;
  /** The same with `--refresh=false`: the time of Pulumi itself. */
  withoutRefresh: Effort;
  peakMiB: number;
  dialErrors: number;
  stateBytes: number;
}

/** The figures for one number of hosts. */
export interface FleetFigures {
  hosts: number;
  /** The default resources, of Pulumi's dynamic provider. */
  dynamic: StackFigures;
  /** The same resources of the native plugin. */
  native: StackFigures;
  /** Our ssh part alone, in a process of its own. */
  reading: Effort;
  /** OpenSSH's clients, one for each host. */
  openssh: Effort;
  /** Other tools that read the same, where they were measured. */
  others: Partial<Record<ToolName, Effort>>;
}

type Provider = "dynamic" | "native";
type Round = Omit<FleetFigures, "hosts" | "others">;

/** OpenSSH's clients at a time. */
const clientsAtOnce = 10;

/** Other tools are measured with at most this many hosts, because Ansible takes more than a second for each. */
const mostForOthers = 50;

/** Half of a round trip. */
const delayMs = 10;

const port = lightHostPort + 1;

/** Many light hosts behind a delay, and a stack in sync with them. */
export class Fleet {
  private readonly stateOfOne: Partial<Record<Provider, string>> = {};

  private constructor(
    private readonly hosts: LightHosts,
    private readonly proxy: ProxyProcess,
    private readonly stack: Stack,
    private readonly others: OtherTools,
    private readonly folder: string,
  ) {}

  static async start(count: number, cleanup: Cleanup): Promise<Fleet> {
    const folder = mkdtempSync(join(tmpdir(), "bench-fleet-"));
    cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
    // Without this, Pulumi writes the state of hundreds of resources hundreds of times.
    const env = {
      ...withoutQuickStart,
      PULUMI_EXPERIMENTAL: "true",
      PULUMI_SKIP_CHECKPOINTS: "true",
      SSH_AUTH_SOCK: "",
    };
    const stack = new Stack("bench", undefined, { env });
    cleanup.add(() => stack.remove());
    const hosts = new LightHosts(count, captureOf(), (host) => recordsOf(stack, host));
    cleanup.add(() => hosts.end());
    await hosts.listen();
    const routes = hosts.hosts.map(({ address }) => ({
      from: { address, port },
      to: { address, port: lightHostPort },
    }));
    const proxy = await ProxyProcess.start(routes, delayMs);
    cleanup.add(() => proxy.end());
    writeFileSync(join(folder, "probe.sh"), probeScript());
    writeFileSync(
      join(folder, "known_hosts"),
      hosts.hosts.map(({ address }) => `[${address}]:${port} ${hosts.hostKey}\n`).join(""),
    );
    const login = { keyPath: hosts.keyPath, knownHostsPath: join(folder, "known_hosts") };
    const others = await OtherTools.install(join(folder, "others"), login, port);
    for (const tool of toolNames) await others.read(tool, hosts.hosts.slice(0, 2)); // compiles their Python
    return new Fleet(hosts, proxy, stack, others, folder);
  }

  async measure(count: number, rounds: number): Promise<FleetFigures> {
    const hosts = this.hosts.hosts.slice(0, count);
    const others = count > mostForOthers ? {} : await this.byOthers(hosts);
    const all: Round[] = [];
    for (let round = 1; round <= rounds; round++) {
      const figures = await this.round(hosts);
      printProgress(`${count} hosts, round ${round}: ${JSON.stringify(figures)}`);
      all.push(figures);
    }
    return {
      hosts: count,
      dynamic: combined(all.map(({ dynamic }) => dynamic)),
      native: combined(all.map(({ native }) => native)),
      reading: middle(all.map(({ reading }) => reading)),
      openssh: middle(all.map(({ openssh }) => openssh)),
      others,
    };
  }

  private declare(hosts: readonly LightHost[], provider: Provider): void {
    const native = provider === "native";
    this.stack.declare(
      hosts.flatMap((host) => declared(host, this.connection(host)).map((one) => ({ ...one, native }))),
    );
  }

  /** Runs `up` for one host, and copies its state for the others. Returns the size of the state. */
  private async importState(hosts: readonly LightHost[], provider: Provider): Promise<number> {
    const [first] = hosts;
    this.stateOfOne[provider] ??= await this.upOfOne(first!, provider);
    const file = join(this.folder, "state.json");
    writeFileSync(file, cloneState(this.stateOfOne[provider], first!, hosts));
    await this.pulumi("stack", "import", "--file", file);
    return Buffer.byteLength(this.stack.stateFile);
  }

  /** Returns the state that `up` writes. */
  private async upOfOne(host: LightHost, provider: Provider): Promise<string> {
    const empty = join(this.folder, "empty.json");
    writeFileSync(empty, JSON.stringify({ version: 3, deployment: {} }));
    await this.pulumi("stack", "import", "--file", empty);
    this.declare([host], provider);
    await this.pulumi("up", "--yes", "--skip-preview");
    const { code, output } = await this.stack.pulumi("stack", "export", "--show-secrets");
    if (code !== 0) throw new Error(`pulumi stack export failed with exit code ${code}: ${output}`);
    return output;
  }

  private async round(hosts: LightHost[]): Promise<Round> {
    const openssh = await measured(() => this.byOpenSsh(hosts));
    const reading = await measured(() => this.byOurs(hosts));
    return {
      openssh,
      reading,
      dynamic: await this.byPulumi(hosts, "dynamic"),
      native: await this.byPulumi(hosts, "native"),
    };
  }

  private async byPulumi(hosts: LightHost[], provider: Provider): Promise<StackFigures> {
    const stateBytes = await this.importState(hosts, provider);
    this.declare(hosts, provider);
    const before = await this.failedDials();
    const withoutRefresh = await measured(() => this.pulumi("preview", "--expect-no-changes", "--refresh=false"));
    let peakMiB = 0;
    const preview = await measured(async () => (peakMiB = await this.pulumi("preview", "--expect-no-changes")));
    const dialErrors = (await this.failedDials()) - before;
    return { preview, withoutRefresh, peakMiB, dialErrors, stateBytes };
  }

  /** Returns the number of connections without a login. */
  private async failedDials(): Promise<number> {
    return (await this.proxy.traffic()).connections - this.hosts.count(/Accepted publickey/);
  }

  /** Runs the CLI, and returns the peak memory of its provider process in MiB. Throws if the CLI fails. */
  private async pulumi(...args: string[]): Promise<number> {
    const { child, ended } = await this.stack.start(...args);
    const memory = new ProviderMemory(child.pid!);
    const { code, output } = await ended.finally(() => memory.end());
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed with exit code ${code}: ${output}`);
    return memory.peakMiB;
  }

  private async byOthers(hosts: LightHost[]): Promise<FleetFigures["others"]> {
    const efforts: FleetFigures["others"] = {};
    for (const tool of toolNames) efforts[tool] = await measured(() => this.others.read(tool, hosts));
    printProgress(`${hosts.length} hosts: ${JSON.stringify(efforts)}`);
    return efforts;
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
    if (code !== 0) throw new Error(`read-all.js failed with exit code ${code}`);
  }

  private connection({ address }: LightHost): Record<string, unknown> {
    const knownHosts = join(this.folder, "known_hosts");
    return { host: address, port, user: "root", privateKeyPath: this.hosts.keyPath, knownHosts };
  }
}

const middle = (efforts: readonly Effort[]): Effort => ({
  ms: median(efforts.map(({ ms }) => ms)),
  cpuMs: median(efforts.map(({ cpuMs }) => cpuMs)),
});

const combined = (rounds: readonly StackFigures[]): StackFigures => ({
  preview: middle(rounds.map(({ preview }) => preview)),
  withoutRefresh: middle(rounds.map(({ withoutRefresh }) => withoutRefresh)),
  peakMiB: Math.max(...rounds.map(({ peakMiB }) => peakMiB)),
  dialErrors: Math.max(...rounds.map(({ dialErrors }) => dialErrors)),
  stateBytes: rounds[0]!.stateBytes,
});
