import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeScript } from "../../../provider/probe";
import { Semaphore } from "../../../provider/ssh/semaphore";
import { Stack, withoutQuickStart } from "../../engine/stack";
import { YamlStack } from "../../engine/yaml-stack";
import type { Cleanup } from "../cleanup";
import { ssh } from "../openssh";
import type { Effort } from "../processor-time";
import { measured } from "../processor-time";
import { printProgress } from "../report";
import { captureOf, declared, recordsOf } from "./declared";
import type { LightHost } from "./light-hosts";
import { LightHosts, lightHostPort } from "./light-hosts";
import type { StackFigures } from "./measured-stack";
import { combined, MeasuredStack, middle } from "./measured-stack";
import type { ToolName } from "./others/other-tools";
import { OtherTools, toolNames } from "./others/other-tools";
import { ProxyProcess } from "./proxy-process";

/** The figures for one number of hosts. */
export interface FleetFigures {
  hosts: number;
  /** The default resources, of Pulumi's dynamic provider. */
  dynamic: StackFigures;
  /** The same resources of the native plugin, unless it was left out. */
  native?: StackFigures;
  /** The same in a YAML program, for which no process of Node runs. */
  yaml?: StackFigures;
  /** As many resources of a dynamic provider that does nothing. */
  trivial: StackFigures;
  /** Our ssh part alone, in a process of its own. */
  reading: Effort;
  /** OpenSSH's clients, one for each host. */
  openssh: Effort;
  /** Other tools that read the same, where they were measured. */
  others: Partial<Record<ToolName, Effort>>;
}

type Round = Omit<FleetFigures, "hosts" | "others">;

export interface FleetOptions {
  /** Without the native plugin and other tools. */
  isQuick?: boolean;
}

/** OpenSSH's clients at a time. */
const clientsAtOnce = 10;

/** Other tools are measured with at most this many hosts, because Ansible takes more than a second for each. */
const mostForOthers = 50;

/** Half of a round trip. */
const delayMs = 10;

const port = lightHostPort + 1;

/** Many light hosts behind a delay, and a stack in sync with them. */
export class Fleet {
  private readonly stacks: Record<"dynamic" | "native" | "yaml" | "trivial", MeasuredStack>;

  private constructor(
    private readonly hosts: LightHosts,
    private readonly proxy: ProxyProcess,
    own: YamlStack,
    trivial: Stack,
    private readonly folder: string,
    private readonly others?: OtherTools,
  ) {
    const resources = (host: LightHost) => declared(host, this.connection(host));
    const native = (host: LightHost) => resources(host).map((one) => ({ ...one, native: true }));
    const inYaml = (isYaml: boolean) => () => void (own.isYaml = isYaml);
    this.stacks = {
      dynamic: new MeasuredStack(own, folder, resources, inYaml(false)),
      native: new MeasuredStack(own, folder, native, inYaml(false)),
      yaml: new MeasuredStack(own, folder, resources, inYaml(true)),
      trivial: new MeasuredStack(trivial, folder, resources),
    };
  }

  static async start(count: number, cleanup: Cleanup, { isQuick = false }: FleetOptions = {}): Promise<Fleet> {
    const folder = mkdtempSync(join(tmpdir(), "bench-fleet-"));
    cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
    // Without this, Pulumi writes the state of hundreds of resources hundreds of times.
    const env = {
      ...withoutQuickStart,
      PULUMI_EXPERIMENTAL: "true",
      PULUMI_SKIP_CHECKPOINTS: "true",
      SSH_AUTH_SOCK: "",
    };
    const stack = new YamlStack("bench", { env, startsProgram: true });
    cleanup.add(() => stack.remove());
    const trivial = new Stack("bench", join(__dirname, "trivial-program.js"), { env, startsProgram: true });
    cleanup.add(() => trivial.remove());
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
    const others = isQuick ? undefined : await OtherTools.install(join(folder, "others"), login, port);
    for (const tool of toolNames) await others?.read(tool, hosts.hosts.slice(0, 2)); // compiles their Python
    return new Fleet(hosts, proxy, stack, trivial, folder, others);
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
      native: this.others && combined(all.map(({ native }) => native!)),
      yaml: this.others && combined(all.map(({ yaml }) => yaml!)),
      trivial: combined(all.map(({ trivial }) => trivial)),
      reading: middle(all.map(({ reading }) => reading)),
      openssh: middle(all.map(({ openssh }) => openssh)),
      others,
    };
  }

  private async round(hosts: LightHost[]): Promise<Round> {
    const openssh = await measured(() => this.byOpenSsh(hosts));
    const reading = await measured(() => this.byOurs(hosts));
    const { dynamic, native, yaml, trivial } = this.stacks;
    const failedDials = () => this.failedDials();
    return {
      openssh,
      reading,
      dynamic: await dynamic.measure(hosts, failedDials),
      native: this.others && (await native.measure(hosts, failedDials)),
      yaml: this.others && (await yaml.measure(hosts, failedDials)),
      trivial: await trivial.measure(hosts, failedDials),
    };
  }

  /** Returns the number of connections without a login. */
  private async failedDials(): Promise<number> {
    return (await this.proxy.traffic()).connections - this.hosts.count(/Accepted publickey/);
  }

  private async byOthers(hosts: LightHost[]): Promise<FleetFigures["others"]> {
    const efforts: FleetFigures["others"] = {};
    const { others } = this;
    if (!others) return efforts;
    for (const tool of toolNames) efforts[tool] = await measured(() => others.read(tool, hosts));
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
