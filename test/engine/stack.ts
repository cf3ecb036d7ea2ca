import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** What `pulumi` needs on PATH, in front of what is there. */
export const pulumiFolder = (): string =>
  execFileSync(process.execPath, [join(root, "scripts/setup.mjs"), "path"], { encoding: "utf8" }).trim();

/** In which `pulumi` runs: its home is in a folder, and its state below `state` there. */
export const pulumiEnvironment = (folder: string, passphrase: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${pulumiFolder()}:${process.env.PATH}`,
  PULUMI_HOME: join(folder, "home"),
  PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
  PULUMI_CONFIG_PASSPHRASE: passphrase,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // The plugin of @pulumi/command, which is in this checkout, and which nothing here uses: five attempts, in each run of the CLI.
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
});

const quickStart: NodeJS.ProcessEnv = { NODE_OPTIONS: `--require ${join(__dirname, "quick-start.cjs")}` };

/** For a stack that is measured: Pulumi's own code is loaded as it is for users. */
export const asUsersStart: NodeJS.ProcessEnv = { NODE_OPTIONS: "" };

export interface Declared {
  kind: "VgpuManagerInstall" | "SriovEnablement" | "MdevVgpu" | "VgpuLayout" | "VgpuHost";
  name: string;
  /** Name of the resource that it stands on. */
  on?: string;
  /** Id of something that is only read. */
  get?: string;
  options?: Record<string, unknown>;
  [argument: string]: unknown;
}

export interface Ended {
  code: number | null;
  /** What a person sees: stdout and stderr as they came. */
  output: string;
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** What a stack's program runs with, where that is not what this checkout has. */
export interface Surroundings {
  /** Its node_modules. */
  modules?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * A project with a program, a stack and a state file of its own, on which the real Pulumi CLI runs.
 *
 * @example
 * const stack = new Stack();
 * stack.declare([{ kind: "SriovEnablement", name: "vfs", connection, gpus: "all" }]);
 * const { code, output } = await stack.up();
 */
export class Stack {
  folder = mkdtempSync(join(tmpdir(), "vgpu-stack-"));
  /** What runs the CLI, where that is not this machine as it is. */
  within: string[] = [];
  private readonly env: NodeJS.ProcessEnv;
  private isThere = false;

  constructor(
    private readonly name = "test",
    program = join(__dirname, "program.js"),
    { modules, env = {} }: Surroundings = {},
  ) {
    mkdirSync(join(this.folder, "state"));
    if (modules) symlinkSync(modules, join(this.folder, "node_modules"));
    else linkModules(join(this.folder, "node_modules"));
    copyFileSync(program, join(this.folder, "index.js"));
    writeFileSync(join(this.folder, "package.json"), '{"name": "vgpu-test", "main": "index.js"}\n');
    writeFileSync(
      join(this.folder, "Pulumi.yaml"),
      "name: vgpu-test\nruntime: {name: nodejs, options: {typescript: false}}\noptions: {refresh: always}\n",
    );
    this.env = {
      ...pulumiEnvironment(this.folder, "test"),
      PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
      NO_COLOR: "1",
      // With modules of its own a stack is as users have it.
      ...(modules ? {} : quickStart),
      ...env,
    };
  }

  declare(resources: Declared[]): void {
    writeFileSync(join(this.folder, "resources.json"), JSON.stringify(resources, null, 2));
  }

  up(...options: string[]): Promise<Ended> {
    return this.pulumi("up", "--yes", "--skip-preview", ...options);
  }

  preview(...options: string[]): Promise<Ended> {
    return this.pulumi("preview", ...options);
  }

  destroy(...options: string[]): Promise<Ended> {
    return this.pulumi("destroy", "--yes", "--skip-preview", ...options);
  }

  /** Runs the CLI to its end. */
  async pulumi(...args: string[]): Promise<Ended> {
    const { ended } = await this.start(...args);
    return ended;
  }

  /** Starts the CLI, for those who want to end it before its time. */
  async start(...args: string[]): Promise<{ child: ChildProcess; ended: Promise<Ended> }> {
    if (!this.isThere) {
      this.isThere = true;
      const { code, output } = await run(this.folder, this.env, [
        "pulumi",
        "stack",
        "init",
        this.name,
        "--non-interactive",
      ]).ended;
      if (code !== 0) throw new Error(`no stack: ${output}`);
    }
    return run(this.folder, this.env, [...this.within, "pulumi", ...args, "--stack", this.name, "--non-interactive"]);
  }

  /** The state as the backend has it. */
  async state(): Promise<StateResource[]> {
    const { output } = await this.pulumi("stack", "export");
    return (JSON.parse(output) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
  }

  async outputsOf(name: string): Promise<Record<string, unknown>> {
    const found = (await this.state()).find(({ urn }) => urn.endsWith(`::${name}`));
    if (!found) throw new Error(`the state has no resource called "${name}"`);
    return found.outputs;
  }

  /** The text of the state file itself. */
  get stateFile(): string {
    return readFileSync(join(this.folder, "state", ".pulumi", "stacks", "vgpu-test", `${this.name}.json`), "utf8");
  }

  /** Program and state lie in another folder from now on. */
  move(): void {
    const to = `${this.folder}-moved`;
    renameSync(this.folder, to);
    this.folder = to;
    const { PULUMI_HOME, PULUMI_BACKEND_URL } = pulumiEnvironment(to, "test");
    Object.assign(this.env, { PULUMI_HOME, PULUMI_BACKEND_URL });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** This checkout, as if it was installed. */
function linkModules(folder: string): void {
  mkdirSync(folder);
  symlinkSync(root, join(folder, "pulumi-nvidia-vgpu"));
  symlinkSync(join(root, "node_modules", "@pulumi"), join(folder, "@pulumi"));
}

function run(
  cwd: string,
  env: NodeJS.ProcessEnv,
  [command, ...args]: string[],
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(command!, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  child.stderr.on("data", (text) => (output += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, output }));
  });
  return { child, ended };
}
