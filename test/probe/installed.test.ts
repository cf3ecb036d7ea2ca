import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientChannel } from "ssh2";
import { Client } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QueuedHost } from "../../provider/host/queued-host";
import { hostFacts, installedProbe, probeScript } from "../../provider/probe";
import { ConnectionPool } from "../../provider/ssh";
import { request } from "../host/local-test-host";
import { Random } from "../plan/random";
import { withSeeds } from "../plan/with-seeds";
import { Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";

const seeds = Number(process.env.SEEDS ?? 12);

withSshd("a key whose forced command is the installed probe", () => {
  let sshd: Sshd;
  let client: Client;
  let dir: string;
  const at = (name: string) => join(dir, name);
  const secret = "canary-in-a-file";

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "installed-test-"));
    writeFileSync(at("secret"), `${secret}\n[section]\n`);
    writeFileSync(at("probe"), installedProbe());
    chmodSync(at("probe"), 0o755);
    sshd = await Sshd.start("127.0.12.5", { settings: ["AcceptEnv *", "AllowTcpForwarding yes", "X11Forwarding yes"] });
    const key = readFileSync(join(sshd.dir, "login.pub"), "utf8");
    writeFileSync(join(sshd.dir, "authorized_keys"), `restrict,command="${at("probe")}" ${key}`);
    client = await connect(sshd);
  });
  afterAll(async () => {
    client?.end();
    await sshd?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  it("reads the host, and each change is refused in a sentence before anything is tried", async () => {
    const pool = new ConnectionPool();
    const host = new QueuedHost(sshd.connection, { pool });
    try {
      expect((await host.facts()).system.installedProbe?.isCurrent).toBe(true);
      await expect(host.ensure(request("it"))).rejects.toThrow(
        /^Could not change the host on \S+: the server runs only the probe for this key \(command= in authorized_keys, or ForceCommand in sshd_config\)\. Log in with a key that may run other commands\.$/,
      );
    } finally {
      pool.closeAll();
    }
  });

  it("prints the same whatever command, environment, input and arguments the client sends", async () => {
    const plain = comparable(await output(client, "true"));
    await withSeeds(seeds, async (seed) => {
      const { command, env, input, pty } = attack(seed, dir, names);
      const text = await output(client, command, { env, input, pty });
      expect(text).not.toContain(secret);
      expect(existsSync(at("made"))).toBe(false);
      expect(comparable(text)).toEqual(plain);
    });
  });

  it("prints the same as the login shell of an account, whatever environment and arguments that gets", async () => {
    const plain = comparable(await output(client, "true"));
    await withSeeds(seeds, (seed) => {
      const { command, env, input } = attack(seed, dir, [...names, ...readByBash]);
      const { stdout } = spawnSync(at("probe"), ["-c", command], { env, input, encoding: "utf8", argv0: "-probe" });
      expect(stdout).not.toContain(secret);
      expect(existsSync(at("made"))).toBe(false);
      expect(comparable(stdout)).toEqual(plain);
    });
  });

  it("gives no shell, file transfer, subsystem or forwarding", async () => {
    const refused = (start: (done: (error: Error | undefined, channel?: ClientChannel) => void) => void) =>
      new Promise<string>((resolve) =>
        start((error, channel) => {
          if (error) return resolve("refused");
          let text = "";
          channel!.on("data", (chunk: Buffer) => (text += chunk)).once("close", () => resolve(text));
          channel!.end(`id; cat ${at("secret")}; touch ${at("made")}\n`);
        }),
      );
    const plain = comparable(await output(client, "true"));
    expect(comparable(await refused((done) => client.shell(false, done)))).toEqual(plain);
    expect(comparable(await refused((done) => client.subsys("sftp", done)))).toEqual(plain);
    expect(await refused((done) => client.sftp((error) => done(error ?? undefined)))).toBe("refused");
    expect(await refused((done) => client.forwardOut("127.0.0.1", 0, sshd.address, sshd.port, done))).toBe("refused");
    expect(await refused((done) => client.forwardIn("127.0.0.1", 0, (error) => done(error ?? undefined)))).toBe(
      "refused",
    );
    expect(existsSync(at("made"))).toBe(false);
  });
});

describe("the file to install", () => {
  it("is the probe that is sent, after lines that leave nothing of the caller", () => {
    const [sent, file] = [probeScript(), installedProbe()];
    expect(file.endsWith(sent.slice(sent.indexOf("\n") + 1))).toBe(true);
    expect(file.split("\n").slice(4, 7)).toEqual(["set --", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "umask 077"]);
  });

  it("has only placeholders that were replaced, and a first line that old kernels read", () => {
    expect(installedProbe().split("\n").slice(0, 9).join()).not.toMatch(/VERSION|DIGEST/);
    expect(installedProbe().indexOf("\n")).toBeLessThan(127);
  });
});

async function connect(sshd: Sshd): Promise<Client> {
  const { host, port, user: username } = sshd.connection;
  const client = new Client();
  const ready = new Promise<void>((resolve, reject) => client.once("ready", () => resolve()).once("error", reject));
  client.connect({ host, port, username, privateKey: readFileSync(join(sshd.dir, "login")) });
  await ready;
  return client;
}

interface Attack {
  env?: NodeJS.ProcessEnv;
  input?: string;
  pty?: boolean;
}

function output(client: Client, command: string, { env, input = "", pty }: Attack = {}): Promise<string> {
  return new Promise((resolve, reject) =>
    client.exec(command, { env, ...(pty && { pty }) }, (error, channel) => {
      // sshd refuses the terminal, and ssh2 the command with it.
      if (error) return pty ? resolve(output(client, command, { env, input })) : reject(error);
      let text = "";
      channel.on("data", (chunk: Buffer) => (text += chunk)).once("close", () => resolve(text));
      channel.stderr.resume();
      channel.end(input);
    }),
  );
}

/** Names that some shell, loader or tool reads, and those of the probe's own variables. */
const names = [
  "ENV",
  "PATH",
  "IFS",
  "PS4",
  "CDPATH",
  "GREP_OPTIONS",
  "TMPDIR",
  "HOME",
  "LANG",
  "LC_ALL",
  "PWD",
  "SHELLOPTS",
].concat(
  [
    "LD_LIBRARY_PATH",
    "SYSTEMD_PAGER",
    "PAGER",
    "MODPROBE_OPTIONS",
    "RPM_CONFIGDIR",
    "DPKG_ROOT",
    "POSIXLY_CORRECT",
    "BASHOPTS",
  ],
  [
    "boundary",
    "nvidia_vgpu_probe",
    "whole",
    "partly",
    "patterns",
    "present",
    "defined",
    "machines",
    "own_file",
    "types_below",
  ],
);
/** Those by which bash runs text or files before the command: no concern of the probe, but of the login shell. */
const readByBash = [
  "BASH_ENV",
  "BASH_FUNC_grep%%",
  "BASH_FUNC_printf%%",
  "BASH_FUNC_set%%",
  "BASH_FUNC_command%%",
  "LD_PRELOAD",
];

/** Returns one combination of what a client can send. */
function attack(seed: number, dir: string, names: readonly string[]): Required<Attack> & { command: string } {
  const random = new Random(seed);
  const pick = <T>(all: readonly T[]): T => random.oneOf(all);
  const noise = () => Array.from({ length: 40 }, () => String.fromCharCode(1 + random.below(255))).join("");
  const run = `touch ${dir}/made; cat ${dir}/secret`;
  const file = `${dir}/secret`;
  const values = [`$(${run})`, `() { ${run}; }`, dir, file, "xtrace", "/", "*", noise(), "; exit", `-f ${file}`];
  const commands = [
    run,
    `probe ${file}`,
    `'; ${run}; '`,
    "-c id",
    `\`${run}\``,
    `scp -f ${file}`,
    `sh -s ${file}`,
    noise(),
  ];
  return {
    command: pick(commands),
    env: Object.fromEntries(Array.from({ length: 12 }, () => [pick(names), pick(values)])),
    input: pick(["", `${run}\n`, noise(), `{\n${run}\n}\n`.repeat(1000)]),
    pty: random.chance(50),
  };
}

/** Returns a capture without what changes from one moment to the next: processes, times, free space. */
function comparable(text: string): string[] {
  expect(hostFacts(text).system.installedProbe?.isCurrent).toBe(true);
  const boundary = /^nvidia-vgpu-capture 1 (\S+)/.exec(text)![1]!;
  return text
    .replaceAll(boundary, "BOUNDARY")
    .split("\n")
    .filter((line) => !/^(\/proc\/(\d+|self|uptime)[/\t]|grep: \/proc\/\d|find: '\/proc\/\d)/.test(line))
    .map((line) => (/^\S+ +\d+ +\d+ +\d+ +\d+% /.test(line) ? "disk" : line));
}
