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
import { ProgramHosts } from "./program-host";

const root = join(__dirname, "..", "..");

/** Returns the folder to put first on PATH for `pulumi`. */
export const pulumiFolder = (): string =>
  execFileSync(process.execPath, [join(root, "scripts/setup.mjs"), "path"], { encoding: "utf8" }).trim();

/** Returns an environment for `pulumi` with its home in a folder, and its state in `state` there. */
export const pulumiEnvironment = (folder: string, passphrase: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${pulumiFolder()}:${process.env.PATH}`,
  PULUMI_HOME: join(folder, "home"),
  PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
  PULUMI_CONFIG_PASSPHRASE: passphrase,
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // Else each run of the CLI tries five times to download the plugin of @pulumi/command, which is in this checkout and not used here.
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
});

const quickStart: NodeJS.ProcessEnv = { NODE_OPTIONS: `--require ${join(__dirname, "quick-start.cjs")}` };

/** For a stack that is measured: loads Pulumi's code as for users. */
export const withoutQuickStart: NodeJS.ProcessEnv = { NODE_OPTIONS: "" };

export interface Declared {
  kind:
    | "VgpuManagerInstall"
    | "MigEnablement"
    | "SriovEnablement"
    | "MdevVgpu"
    | "VgpuLayout"
    | "VgpuHost"
    | "Provider";
  name: string;
  /** Name of the resource that it depends on. */
  on?: string;
  /** Name of the explicit provider of a native resource. */
  provider?: string;
  /** Id of a resource that is only read. */
  get?: string;
  options?: Record<string, unknown>;
  /** A resource of the native plugin. */
  native?: boolean;
  [argument: string]: unknown;
}

export interface Outcome {
  code: number | null;
  /** stdout and stderr, in the order of arrival. */
  output: string;
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  provider?: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** Differences of a stack from this checkout. */
export interface StackOptions {
  /** Its folder node_modules. */
  modules?: string;
  env?: NodeJS.ProcessEnv;
  /** Whether each run of the CLI starts a process for the program, as for users. Otherwise one process of the stack runs it. */
  startsProgram?: boolean;
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
  /** Words before the command line of the CLI, such as `unshare`. */
  commandPrefix: string[] = [];
  /** Whether it declares all resources as those of the native plugin. A stack of dynamic ones moves over, and not back. */
  isNative = false;
  private readonly env: NodeJS.ProcessEnv;
  private readonly startsProgram: boolean;
  private programs: ProgramHosts | undefined;
  private isInitialized = false;

  constructor(
    private readonly name = "test",
    program = join(__dirname, "program.js"),
    { modules, env = {}, startsProgram = modules !== undefined }: StackOptions = {},
  ) {
    mkdirSync(join(this.folder, "state"));
    if (modules) symlinkSync(modules, join(this.folder, "node_modules"));
    else linkModules(join(this.folder, "node_modules"));
    copyFileSync(program, join(this.folder, "index.js"));
    writeFileSync(join(this.folder, "package.json"), '{"name": "vgpu-test", "main": "index.js"}\n');
    writeFileSync(
      join(this.folder, "Pulumi.yaml"),
      "name: vgpu-test\nruntime: {name: nodejs, options: {typescript: false}}\noptions: {refresh: always}\n" +
        `plugins: {providers: [{name: nvidia-vgpu, path: ${join(root, "plugin")}}]}\n`,
    );
    this.env = {
      ...pulumiEnvironment(this.folder, "test"),
      PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
      NO_COLOR: "1",
      // A stack with its own modules starts as for users.
      ...(modules ? {} : quickStart),
      ...env,
    };
    this.startsProgram = startsProgram;
  }

  declare(resources: Declared[]): void {
    const all = this.isNative ? resources.map((one) => ({ ...one, native: true })) : resources;
    writeFileSync(join(this.folder, "resources.json"), JSON.stringify(all, null, 2));
    if (!this.startsProgram) this.programs ??= new ProgramHosts(this.folder, this.env);
  }

  up(...options: string[]): Promise<Outcome> {
    return this.pulumi("up", "--yes", "--skip-preview", ...options);
  }

  preview(...options: string[]): Promise<Outcome> {
    return this.pulumi("preview", ...options);
  }

  destroy(...options: string[]): Promise<Outcome> {
    return this.pulumi("destroy", "--yes", "--skip-preview", ...options);
  }

  /** Runs a command of the CLI that is about no stack. */
  run(...args: string[]): Promise<Outcome> {
    return run(this.folder, this.env, ["pulumi", ...args]).ended;
  }

  /** Runs the CLI to its end. */
  async pulumi(...args: string[]): Promise<Outcome> {
    const { ended } = await this.start(...args);
    return ended;
  }

  /** Starts the CLI, so that a test can end it early. */
  async start(...args: string[]): Promise<{ child: ChildProcess; ended: Promise<Outcome> }> {
    if (!this.isInitialized) {
      this.isInitialized = true;
      const { code, output } = await run(this.folder, this.env, [
        "pulumi",
        "stack",
        "init",
        this.name,
        "--non-interactive",
      ]).ended;
      if (code !== 0) throw new Error(`no stack: ${output}`);
    }
    const program = this.runsProgram(args) ? await this.programs!.take() : undefined;
    const words = [...args, ...(program ? [program.option] : []), "--stack", this.name, "--non-interactive"];
    const started = run(this.folder, this.env, [...this.commandPrefix, "pulumi", ...words]);
    // Before what waits for the end of the run, which may begin the next one.
    if (program) void started.ended.then(program.giveBack, program.giveBack);
    return started;
  }

  /** Whether a command runs the program of declared resources, in the stack's own process. */
  private runsProgram([command]: string[]): boolean {
    return this.programs !== undefined && !this.commandPrefix.length && (command === "up" || command === "preview");
  }

  /** The state as the backend has it. It is read from the file, because a start of the CLI takes seconds. */
  async state(): Promise<StateResource[]> {
    type Checkpoint = { checkpoint: { latest?: { resources?: StateResource[] } } };
    return (JSON.parse(this.stateFile) as Checkpoint).checkpoint.latest?.resources ?? [];
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

  /** Moves program and state to another folder. */
  move(): void {
    const to = `${this.folder}-moved`;
    this.programs?.end();
    this.programs = undefined;
    renameSync(this.folder, to);
    this.folder = to;
    const { PULUMI_HOME, PULUMI_BACKEND_URL } = pulumiEnvironment(to, "test");
    Object.assign(this.env, { PULUMI_HOME, PULUMI_BACKEND_URL });
  }

  remove(): void {
    this.programs?.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Links this checkout as if it were installed. */
function linkModules(folder: string): void {
  mkdirSync(folder);
  symlinkSync(root, join(folder, "pulumi-nvidia-vgpu"));
  symlinkSync(join(root, "node_modules", "@pulumi"), join(folder, "@pulumi"));
}

function run(
  cwd: string,
  env: NodeJS.ProcessEnv,
  [command, ...args]: string[],
): { child: ChildProcess; ended: Promise<Outcome> } {
  const child = spawn(command!, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  child.stderr.on("data", (text) => (output += text));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, output }));
  });
  return { child, ended };
}
