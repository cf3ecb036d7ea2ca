import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Connection } from "../../provider/model/connection";

export const sshdProgram = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path));

export interface SshdOptions {
  /** Lines of sshd_config, which come before our own: the first value counts. */
  settings?: string[];
  hostKeys?: string[];
}

/** OpenSSH's server on an address of the loopback network: a child process with keys, configuration and log of its own. */
export class Sshd {
  private child: ChildProcess | undefined;
  private text = "";

  private constructor(
    readonly dir: string,
    readonly address: string,
    readonly port: number,
    private readonly options: Required<SshdOptions>,
  ) {}

  static async start(address: string, { settings = [], hostKeys = ["ed25519"] }: SshdOptions = {}): Promise<Sshd> {
    const dir = mkdtempSync(join(tmpdir(), "sshd-test-"));
    const sshd = new Sshd(dir, address, await freePort(address), { settings, hostKeys });
    for (const type of hostKeys) keygen(join(dir, `host_${type}`), type);
    keygen(join(dir, "login"), "ed25519");
    writeFileSync(join(dir, "authorized_keys"), readFileSync(join(dir, "login.pub")), { mode: 0o600 });
    await sshd.listen();
    return sshd;
  }

  /** Key login, and the host key that ssh would know. */
  get connection(): Connection {
    return {
      host: this.address,
      port: this.port,
      user: userInfo().username,
      privateKeyPath: join(this.dir, "login"),
      agentSocketPath: join(this.dir, "no-agent"),
      knownHosts: this.knownHosts("ed25519"),
    };
  }

  hostKey(type: string): string {
    return readFileSync(join(this.dir, `host_${type}.pub`), "utf8").trim();
  }

  knownHosts(...types: string[]): string {
    return types.map((type) => `[${this.address}]:${this.port} ${this.hostKey(type)}\n`).join("");
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get log(): string {
    return this.text;
  }

  count(pattern: RegExp): number {
    return (this.text.match(new RegExp(pattern, "g")) ?? []).length;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await ended;
    }
    this.child = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async listen(): Promise<void> {
    // sshd insists on this folder when root starts it; the distribution's unit makes it.
    if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const config = join(this.dir, "sshd_config");
    writeFileSync(
      config,
      [
        ...this.options.settings,
        `ListenAddress ${this.address}:${this.port}`,
        ...this.options.hostKeys.map((type) => `HostKey ${join(this.dir, `host_${type}`)}`),
        `AuthorizedKeysFile ${join(this.dir, "authorized_keys")}`,
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "LogLevel VERBOSE",
        "Subsystem sftp internal-sftp",
        "",
      ].join("\n"),
    );
    const child = spawn(sshdProgram!, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    this.child = child;
    const killWithUs = () => void child.kill();
    process.once("exit", killWithUs);
    child.once("exit", () => process.off("exit", killWithUs));
    await new Promise<void>((resolve, reject) => {
      child.stderr.on("data", (chunk) => {
        this.text += chunk;
        if (this.text.includes("Server listening on")) resolve();
      });
      child.once("exit", () => reject(new Error(`sshd did not start: ${this.text}`)));
    });
  }
}

export function keygen(path: string, type: string, ...more: string[]): void {
  execFileSync("ssh-keygen", ["-q", "-t", type, ...(more.includes("-N") ? [] : ["-N", ""]), ...more, "-f", path]);
}

export function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", reject)
      .listen(0, address, () => {
        const { port } = server.address() as { port: number };
        server.close(() => resolve(port));
      });
  });
}
