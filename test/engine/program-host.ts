import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { join } from "node:path";

/** A process that runs the program of a folder for one CLI after another: loading Pulumi's SDK takes a second of processor time. */
class ProgramHost {
  private isRunning = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    child.on("message", () => void (this.isRunning = false));
  }

  static async start(folder: string, env: NodeJS.ProcessEnv): Promise<ProgramHost> {
    const child = fork(join(__dirname, "program-host.cjs"), { cwd: folder, env, execArgv: [], stdio: "inherit" });
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", resolve).once("exit", (code) => reject(new Error(`the program's process ended: ${code}`)));
    });
    return new ProgramHost(child, port);
  }

  /** Returns the option of the CLI that names it. */
  take(): string {
    this.isRunning = true;
    return `--client=127.0.0.1:${this.port}`;
  }

  /** Whether its last program has ended. That of a killed CLI may go on, and would report its errors in the next run. */
  get isFree(): boolean {
    return !this.isRunning && this.child.connected;
  }

  end(): void {
    if (this.child.connected) this.child.disconnect();
  }
}

/** The processes for the program of one stack: one, unless runs of the CLI overlap. */
export class ProgramHosts {
  private readonly free: ProgramHost[] = [];
  private readonly all = new Set<ProgramHost>();

  constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Returns an option for the CLI, and what is to be called after it. */
  async take(): Promise<{ option: string; giveBack: () => void }> {
    const host = this.free.pop() ?? (await ProgramHost.start(this.folder, this.env));
    this.all.add(host);
    const giveBack = () => {
      if (host.isFree) this.free.push(host);
      else this.remove(host);
    };
    return { option: host.take(), giveBack };
  }

  end(): void {
    for (const host of this.all) this.remove(host);
    this.free.length = 0;
  }

  private remove(host: ProgramHost): void {
    this.all.delete(host);
    host.end();
  }
}
