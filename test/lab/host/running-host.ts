import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../cache";
import type { Card } from "../cards/cards";
import { parseCards } from "../cards/cards";
import type { Image } from "../image/image";
import { output } from "../program";
import { accelerator } from "./accelerator";
import type { Outcome } from "./agent";
import { runByAgent, waitForAgent } from "./agent";
import { cardArguments, isCard, qemuCommand } from "./qemu";
import { qmp } from "./qmp";
import type { HostRecord } from "./registry";
import { claim, record } from "./registry";
import { Shell } from "./shell";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const bootLimitMs = 300_000; // 25 s on an idle machine, minutes on a crowded one

/** Where a host's disk comes from: a saved state to continue, or a disk to boot from. */
export interface Origin {
  /** qcow2 file with the disk, and for `saved` a machine state called "saved" in it. */
  disk: string;
  saved: boolean;
}

export interface StartOptions {
  name: string;
  cards: Card[];
  cardList: string;
  state: string;
  image: Image;
  origin: Origin;
  /** Process with which the host ends; 0 when it is to stay until `down`. */
  owner: number;
}

/**
 * A lab host that runs. As root over ssh (`sh`, `run`), or through the guest agent, which leaves no trace in sshd's log
 * and works when ssh does not (`agent`).
 */
export class LabHost {
  private readonly shell: Shell;

  constructor(
    readonly details: HostRecord,
    private readonly origin?: Origin,
  ) {
    this.shell = new Shell(details);
  }

  get name(): string {
    return this.details.name;
  }
  get address(): string {
    return this.details.address;
  }
  get port(): number {
    return this.details.port;
  }
  /** Private key for root, ops and admin. */
  get keyPath(): string {
    return this.details.keyPath;
  }
  get hostKey(): string {
    return this.details.hostKey;
  }
  get knownHostsPath(): string {
    return join(this.details.folder, "known_hosts");
  }
  get consoleLogPath(): string {
    return join(this.details.folder, "console.log");
  }

  /** Runs a shell command over ssh. */
  sh(command: string, timeoutMs?: number): Promise<Outcome> {
    return this.shell.run(command, timeoutMs);
  }

  /** Runs a shell command over ssh and gives its stdout; throws with all that it said when it fails. */
  async run(command: string, timeoutMs?: number): Promise<string> {
    const { code, stdout, stderr } = await this.sh(command, timeoutMs);
    if (code !== 0) throw new Error(`${this.name}: \`${command}\` ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs a shell command through the guest agent. */
  agent(command: string, timeoutMs?: number): Promise<Outcome> {
    return runByAgent(join(this.details.folder, "agent.sock"), command, timeoutMs);
  }

  copyIn(local: string, remote: string): Promise<void> {
    return this.shell.upload(local, remote);
  }

  async waitForSsh(limitMs = bootLimitMs): Promise<void> {
    for (const end = Date.now() + limitMs; ; await pause(300)) {
      try {
        await this.sh("true", 10_000);
        return;
      } catch (error) {
        if (Date.now() > end)
          throw new Error(
            `${this.name}: no ssh within ${limitMs / 1000} s (${(error as Error).message}); see ${this.consoleLogPath}`,
          );
      }
    }
  }

  /** A real reboot, asked for in the guest; returns when the next boot is over. */
  reboot(): Promise<void> {
    return this.comeBack(async () => void (await this.agent("systemctl reboot --no-wall").catch(() => undefined))); // its answer can come too late
  }

  /** The host loses its power and gets it back. */
  powerCut(): Promise<void> {
    return this.comeBack(async () => this.killQemu());
  }

  /** The host stops answering, as one whose network or kernel hangs. */
  async pause(): Promise<void> {
    await qmp(join(this.details.folder, "qmp.sock"), "stop");
  }

  async resume(): Promise<void> {
    await qmp(join(this.details.folder, "qmp.sock"), "cont");
  }

  /** Back to the state that the host was started from. */
  async reset(): Promise<void> {
    const hold = join(this.details.folder, "hold");
    writeFileSync(hold, "");
    this.shell.close();
    await this.killQemu();
    await this.layDisk();
    this.plug(this.details.cards); // the saved memory knows these cards; the next boot must find them too
    rmSync(hold);
    await this.settle();
  }

  /** The host is rebooted with other cards, or with the same ones in other slots; a reset puts the first ones back. */
  async replug(cardList: string): Promise<void> {
    this.plug(cardList);
    await this.reboot();
  }

  /** What is in the slots from the next start of QEMU on. */
  private plug(cardList: string): void {
    const file = join(this.details.folder, "command");
    const words = readFileSync(file, "utf8").trimEnd().split("\n");
    writeCommand(file, [
      ...words.filter((word, i) => !isCard(word) && !isCard(words[i + 1])),
      ...cardArguments(parseCards(cardList)),
    ]);
  }

  /** Ends the host; nothing of it stays. */
  async down(): Promise<void> {
    this.shell.close();
    if (existsSync(this.details.folder)) writeFileSync(join(this.details.folder, "down"), "");
    for (let waited = 0; isAlive(this.details.pid); waited += 50) {
      if (waited > 20_000)
        throw new Error(
          `${this.name}: the supervisor (pid ${this.details.pid}) does not end; its folder is ${this.details.folder}`,
        );
      await pause(50);
    }
    rmSync(this.details.folder, { recursive: true, force: true }); // what a killed supervisor left
  }

  /** Shuts the guest down cleanly and ends QEMU, keeping the folder: to take the disk as it is. */
  async halt(): Promise<void> {
    writeFileSync(join(this.details.folder, "hold"), "");
    await this.agent("sync; systemctl poweroff --no-wall").catch(() => undefined);
    this.shell.close();
    for (const pid = this.qemuPid(); isAlive(pid); ) await pause(100);
  }

  private qemuPid(): number {
    return Number(readFileSync(join(this.details.folder, "qemu.pid"), "utf8"));
  }

  private async killQemu(): Promise<void> {
    const pid = this.qemuPid();
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
    while (isAlive(pid)) await pause(20);
  }

  /**
   * Does what reboots the host. Waits for the next boot, and then for its end, through the guest agent. Only then comes ssh: a
   * connection that is dialled before the guest has its network hangs for seconds after it has.
   */
  async comeBack(interrupt: () => Promise<void>): Promise<void> {
    const bootId = async (limitMs?: number): Promise<string> =>
      (await this.agent("cat /proc/sys/kernel/random/boot_id", limitMs)).stdout;
    const before = await bootId();
    await interrupt();
    this.shell.close();
    for (const end = Date.now() + bootLimitMs; ; await pause(200)) {
      const now = await bootId(10_000).catch(() => before);
      if (now !== before) break;
      if (Date.now() > end)
        throw new Error(`${this.name} did not boot within ${bootLimitMs / 1000} s; see ${this.consoleLogPath}`);
    }
    await this.agent("systemctl is-system-running --wait");
    await this.waitForSsh();
  }

  /** @internal Puts the disk of the origin in place, for the next start of QEMU. */
  async layDisk(): Promise<void> {
    const { folder } = this.details;
    if (!this.origin) throw new Error(`${this.name} was started by another process; reset it with the command line`);
    await output("cp", ["--reflink=auto", "--sparse=always", this.origin.disk, join(folder, "disk.qcow2")]);
    if (this.origin.saved) writeFileSync(join(folder, "loadvm"), "");
  }

  /** @internal Waits until the host is there, and makes it one of its own when it continues a saved state. */
  async settle(): Promise<void> {
    const { folder, uuid, name } = this.details;
    await waitForAgent(join(folder, "agent.sock"), bootLimitMs);
    const hostname = name.replace(/[^a-zA-Z0-9-]/g, "-");
    // As systemd makes it in a VM. The journal's folder is called after it, and journald goes by the one that it began with.
    const machineId = uuid.replaceAll("-", "");
    const { code, stderr } = await this.agent(
      `date -s @${Math.ceil(Date.now() / 1000)} && hostname ${hostname} && echo ${hostname} > /etc/hostname &&
       printf '127.0.0.1 localhost\\n127.0.1.1 ${hostname}\\n' > /etc/hosts &&
       if [ "$(cat /sys/module/labpci/parameters/product_uuid)" != ${uuid} ]; then
         echo ${uuid} > /sys/module/labpci/parameters/product_uuid && mv /var/log/journal/$(cat /etc/machine-id) /var/log/journal/${machineId} && echo ${machineId} > /etc/machine-id &&
         systemctl restart systemd-journald
       fi`,
    );
    if (code !== 0) throw new Error(`${name} could not be set up: ${stderr}`);
    await this.waitForSsh();
  }
}

/** A word a line, as the supervisor reads it. */
const writeCommand = (file: string, words: string[]): void => writeFileSync(file, `${words.join("\n")}\n`);

/** Starts a host and waits until it answers ssh. */
export async function start(options: StartOptions): Promise<LabHost> {
  const { name, cards, image, origin, owner } = options;
  const { folder, address } = claim(name);
  try {
    const port = 2222;
    const hostKey = readFileSync(image.hostKey, "utf8").trim().split(" ").slice(0, 2).join(" ");
    const uuid = randomUUID();
    writeFileSync(join(folder, "known_hosts"), `[${address}]:${port} ${hostKey}\n`);
    writeCommand(
      join(folder, "command"),
      qemuCommand({ folder, name, address, port, uuid, cards, accelerator: await accelerator(image) }, image),
    );
    const details: HostRecord = {
      name,
      folder,
      address,
      port,
      uuid,
      hostKey,
      keyPath: image.key,
      cards: options.cardList,
      state: options.state,
      origin: origin.disk,
      pid: 0,
      startedAt: new Date().toISOString(),
    };
    const host = new LabHost(details, origin);
    await host.layDisk();
    const supervisor = spawn(join(__dirname, "supervisor.sh"), [folder, String(owner)], {
      detached: true,
      stdio: "ignore",
    });
    supervisor.unref();
    details.pid = supervisor.pid!;
    record(details);
    try {
      await host.settle();
    } catch (error) {
      const log = join(folder, "qemu.log");
      const said = existsSync(log) ? readFileSync(log, "utf8").trim() : "";
      await host.down();
      throw new Error(`${(error as Error).message}${said ? `\nQEMU said: ${said}` : ""}`);
    }
    return host;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
