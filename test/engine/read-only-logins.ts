import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabHost } from "../lab";
import { keygen } from "../ssh/sshd";

const root = join(__dirname, "..", "..");
const cliFile = join(root, "dist", "cli", "main.js");
const page = readFileSync(join(root, "docs", "ci.md"), "utf8");

/** Returns the first block of code below a heading of docs/ci.md: the lines that operators copy. */
function linesBelow(heading: string): string {
  const [, text = ""] = page.split(`\n### ${heading}\n`);
  return /```\w*\n(.*?)```/s.exec(text.split("\n### ")[0]!)![1]!;
}

export interface Ran {
  code: number;
  output: string;
}

export const run = (file: string, args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) =>
    execFile(file, args, { maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    ),
  );

/** The user `watch` of a lab host, who at first may do everything, and becomes one of the logins that docs/ci.md describes. */
export class Watch {
  readonly keyPath: string;

  constructor(
    private readonly lab: LabHost,
    private readonly folder: string,
  ) {
    this.keyPath = join(folder, "watch");
  }

  /** The password of no account: `*` allows keys alone. */
  async create(): Promise<void> {
    keygen(this.keyPath, "ed25519");
    await this.lab.run(
      `useradd -m -s /bin/bash -p '*' watch && install -d -m 700 -o watch ~watch/.ssh
       echo 'watch ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/watch`,
    );
    await this.authorize(this.publicKey);
  }

  get connection(): Record<string, unknown> {
    const { address: host, port, knownHostsPath: knownHosts } = this.lab;
    return {
      host,
      port,
      user: "watch",
      privateKeyPath: this.keyPath,
      knownHosts,
      agentSocketPath: join(this.folder, "none"),
    };
  }

  cli(...args: string[]): Promise<Ran> {
    return run(process.execPath, [cliFile, ...args]);
  }

  inspect(...flags: string[]): Promise<Ran> {
    const { address, port, knownHostsPath } = this.lab;
    const login = ["--identity-file", this.keyPath, "--known-hosts", knownHostsPath];
    return this.cli("inspect", `watch@${address}:${port}`, ...login, ...flags);
  }

  async loseSudo(): Promise<void> {
    await this.lab.run("rm /etc/sudoers.d/watch");
  }

  async getSudoersLine(): Promise<void> {
    const { address, port, keyPath } = this.lab;
    const ssh = ["ssh", ...this.sshOptions(keyPath), "-p", port, `root@${address}`].join(" ");
    const lines = linesBelow("The probe as a program on the host")
      .replace("npx pulumi-nvidia-vgpu", `${process.execPath} ${cliFile}`)
      .replace("ssh root@gpu01.example", ssh);
    const { code, output } = await run("sh", ["-c", lines]);
    if (code !== 0) throw new Error(output);
    await this.lab.run(
      `cat > /etc/sudoers.d/vgpu-probe <<'END'\n${linesBelow("One line of sudoers")}END\nvisudo -cf /etc/sudoers.d/vgpu-probe`,
    );
  }

  async getForcedCommand(): Promise<void> {
    await this.authorize(
      linesBelow("A key that runs the probe").replace("ssh-ed25519 AAAA... nightly\n", this.publicKey),
    );
  }

  private get publicKey(): string {
    return readFileSync(`${this.keyPath}.pub`, "utf8");
  }

  private async authorize(line: string): Promise<void> {
    await this.lab.run(
      `cat > ~watch/.ssh/authorized_keys <<'END'\n${line}END\nchown watch ~watch/.ssh/authorized_keys`,
    );
  }

  private sshOptions(key: string): string[] {
    const config = join(this.folder, "ssh_config");
    writeFileSync(config, `IdentitiesOnly yes\nBatchMode yes\nUserKnownHostsFile ${this.lab.knownHostsPath}\n`);
    return ["-F", config, "-i", key];
  }
}
