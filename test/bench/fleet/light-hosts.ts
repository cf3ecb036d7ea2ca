import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Replica } from "../../probe/replica";
import { keygen, sshdProgram } from "../../ssh/sshd";
import { remoteTools } from "./others/other-tools";

/** Returns why this machine cannot run light hosts; undefined if it can. */
export function whyNoLightHosts(): string | undefined {
  if (process.getuid?.() !== 0) return "light hosts need mount namespaces: run this as root";
  if (!sshdProgram) return "light hosts need OpenSSH's server: install openssh-server";
  return undefined;
}

/** A light host differs from the others by address, product UUID, machine id and name. */
export interface LightHost {
  address: string;
  productUuid: string;
  machineId: string;
  name: string;
}

/** Port of sshd. The next port of each address is free for a proxy. */
export const lightHostPort = 2222;

/**
 * Many hosts on one machine: for each an OpenSSH server on an address of the loopback network, with a root directory that is the tree of
 * one captured host. So the probe really runs there, and reads the same as on the captured host.
 */
export class LightHosts {
  readonly hosts: LightHost[];
  /** The key to log in as root, on any of them. */
  readonly keyPath: string;
  /** All have one host key. */
  readonly hostKey: string;
  private readonly folder = mkdtempSync(join(tmpdir(), "light-hosts-"));
  private readonly tree: Replica;
  private child: ChildProcess | undefined;
  private log = "";

  /** Creates the files; `listen` starts the servers. `own` are files of one host, which the capture has too. */
  constructor(count: number, capture: string, own: (host: LightHost) => Record<string, string> = () => ({})) {
    const why = whyNoLightHosts();
    if (why) throw new Error(why);
    const network = `127.${randomInt(100, 240)}`; // so that concurrent benchmarks do not collide
    this.hosts = Array.from({ length: count }, (_, index) => lightHost(network, index + 1));
    this.keyPath = join(this.folder, "login");
    this.tree = new Replica(capture, { tools: remoteTools, noting: false });
    keygen(this.keyPath, "ed25519");
    keygen(join(this.tree.root, "host_key"), "ed25519");
    this.hostKey = publicKey(join(this.tree.root, "host_key"));
    this.prepareTree();
    for (const host of this.hosts) this.layOwnFiles(host, own(host));
  }

  /** Starts them, and waits until all listen. */
  async listen(): Promise<void> {
    const script = [
      join(__dirname, "light-hosts.sh"),
      this.tree.root,
      join(this.folder, "hosts"),
      String(lightHostPort),
    ];
    // They end with this process, however it ends.
    const child = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", ...script],
      {
        stdio: ["ignore", "ignore", "pipe"],
        detached: true,
      },
    );
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject).once("exit", () => reject(new Error(`the light hosts ended: ${this.log}`)));
      child.stderr.on("data", (chunk) => {
        this.log += chunk;
        if (/Cannot bind|^mount:|^chroot:/m.test(this.log))
          reject(new Error(`a light host did not start: ${this.log}`));
        if (this.count(/Server listening on /) === this.hosts.length) resolve();
      });
    });
  }

  /** Returns how often the pattern is in the log of all servers so far. */
  count(pattern: RegExp): number {
    return (this.log.match(new RegExp(pattern, "g")) ?? []).length;
  }

  /** Sends a signal to the server of one host: SIGKILL makes it refuse connections, SIGSTOP makes it silent. */
  signal({ address }: LightHost, signal: NodeJS.Signals): void {
    const isServer = (pid: string): boolean => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`ListenAddress=${address}:${lightHostPort}`);
      } catch {
        return false; // it has just ended
      }
    };
    const servers = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isServer(name));
    if (servers.length === 0) throw new Error(`no server listens on ${address}`);
    for (const pid of servers) process.kill(Number(pid), signal);
  }

  /** Ends the servers and all that runs on them. */
  async end(): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "close"); // after this nothing writes to the log
      child.kill("SIGKILL");
      await ended;
    }
    this.tree.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private prepareTree(): void {
    const { tree } = this;
    tree.write("/etc/passwd", "root:x:0:0:root:/:/bin/sh\nsshd:x:105:65534::/run/sshd:/bin/false\n");
    tree.write("/etc/ssh/authorized_keys", `${publicKey(this.keyPath)}\n`);
    // All else as sshd's defaults, in particular MaxStartups and MaxSessions.
    const settings = [
      "HostKey /host_key",
      "AuthorizedKeysFile /etc/ssh/authorized_keys",
      "PidFile none",
      // Its log has each exec.
      "LogLevel VERBOSE",
      "UsePAM no",
      "StrictModes no",
    ];
    tree.write("/etc/ssh/sshd_config", `${settings.join("\n")}\n`);
    mkdirSync(join(tree.root, "run/sshd"), { recursive: true, mode: 0o755 });
  }

  private layOwnFiles({ address, productUuid, machineId, name }: LightHost, own: Record<string, string>): void {
    const files = {
      "/sys/class/dmi/id/product_uuid": `${productUuid}\n`,
      "/etc/machine-id": `${machineId}\n`,
      "/proc/sys/kernel/hostname": `${name}\n`,
      ...own,
    };
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, "hosts", address, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

function lightHost(network: string, number: number): LightHost {
  const digest = createHash("sha256").update(`light host ${number}`).digest("hex").slice(0, 32);
  return {
    address: `${network}.${number >> 8}.${number & 255}`,
    productUuid: digest.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
    machineId: digest,
    name: `light-${number}`,
  };
}

const publicKey = (path: string): string => readFileSync(`${path}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");
