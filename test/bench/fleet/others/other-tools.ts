import { spawn } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Login } from "../../openssh";
import type { LightHost } from "../light-hosts";

/** Programs of hosts that pyinfra and Ansible start there, in addition to those of the probe. */
export const remoteTools = ["dd", "env", "id", "ls", "python3", "readlink", "stat", "uname"];

export const toolNames = ["pyinfra", "ansible"] as const;
export type ToolName = (typeof toolNames)[number];

/** Hosts that pyinfra inspects concurrently. Ansible's number is in ansible.cfg. More are not faster on two cores. */
const pyinfraParallel = 20;

/** pyinfra and Ansible from PyPI, in a virtual environment, with settings for many hosts. They read what the probe reads. */
export class OtherTools {
  private constructor(
    private readonly folder: string,
    private readonly login: Login,
    private readonly port: number,
  ) {}

  /** Installs them into a folder. */
  static async install(folder: string, login: Login, port: number): Promise<OtherTools> {
    cpSync(__dirname, folder, { recursive: true });
    await run(folder, ["python3", "-m", "venv", "venv"]);
    await run(folder, ["venv/bin/pip", "install", "--quiet", "--requirement", "requirements.txt"]);
    return new OtherTools(folder, login, port);
  }

  /** The names and versions, for the table. */
  static get versions(): string {
    return readFileSync(join(__dirname, "requirements.txt"), "utf8")
      .trim()
      .split("\n")
      .join(", ")
      .replaceAll("==", " ");
  }

  /** Reads the hosts. Throws if one of them could not be read. */
  async read(tool: ToolName, hosts: readonly LightHost[]): Promise<void> {
    if (tool === "pyinfra") await this.byPyinfra(hosts);
    else await this.byAnsible(hosts);
  }

  private async byPyinfra(hosts: readonly LightHost[]): Promise<void> {
    const data = {
      ssh_user: "root",
      ssh_port: this.port,
      ssh_key: this.login.keyPath,
      ssh_known_hosts_file: this.login.knownHostsPath,
      ssh_strict_host_key_checking: "yes",
    };
    const inventory = `hosts = (${JSON.stringify(hosts.map(({ address }) => address))}, ${JSON.stringify(data)})\n`;
    writeFileSync(join(this.folder, "inventory.py"), inventory);
    const parallel = ["--parallel", String(pyinfraParallel)];
    await run(this.folder, ["venv/bin/pyinfra", "-y", ...parallel, "inventory.py", "deploy.py"]);
  }

  private async byAnsible(hosts: readonly LightHost[]): Promise<void> {
    const settings = [
      "ansible_user=root",
      `ansible_port=${this.port}`,
      `ansible_ssh_private_key_file=${this.login.keyPath}`,
    ];
    const inventory = ["[all]", ...hosts.map(({ address }) => address), "[all:vars]", ...settings];
    writeFileSync(join(this.folder, "inventory.ini"), `${inventory.join("\n")}\n`);
    await run(this.folder, ["venv/bin/ansible-playbook", "--inventory", "inventory.ini", "playbook.yml"], {
      ANSIBLE_CONFIG: "ansible.cfg",
      ANSIBLE_HOME: join(this.folder, "home"),
      ANSIBLE_SSH_COMMON_ARGS: `-o UserKnownHostsFile=${this.login.knownHostsPath}`,
    });
  }
}

/** Runs a program in a folder to its end. Throws if it fails, with the end of its output. */
async function run(cwd: string, [program, ...args]: string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(program!, args, {
    cwd,
    env: { ...process.env, SSH_AUTH_SOCK: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`${program} failed with exit code ${code}: ${output.slice(-2000)}`);
}
