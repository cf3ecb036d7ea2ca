import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LabHost } from "../lab";
import { keygen } from "../ssh/sshd";
import { connectionTo } from "./declared";
import { createVgpu, removeVgpu, uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import { Watch } from "./read-only-logins";
import { Stack } from "./stack";

const marker = "Kn1ght-0f-the-marker";
const folder = mkdtempSync(join(tmpdir(), "login-test-"));
const at = (file: string): string => join(folder, file);
const secret = `secret:${marker}`;

/** Adds users that a lab host does not have, and sets the password of one that it has. */
const addUsers = (keys: string): string => `
echo admin:${marker} | chpasswd
for user in visitor console; do
  useradd -m -s /bin/sh -p '*' $user && install -d -m 700 -o $user /home/$user/.ssh && install -m 600 -o $user ~ops/.ssh/authorized_keys /home/$user/.ssh/
done
printf '%s' '${keys}' >> ~ops/.ssh/authorized_keys
printf 'Defaults:console requiretty\\nconsole ALL=(ALL) NOPASSWD: ALL\\n' > /etc/sudoers.d/console`;

let agent: ChildProcess;

async function startAgent(socket: string, key: string): Promise<ChildProcess> {
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
  execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  return child;
}

/** Connections that can log in, by the name of the resource. */
const acceptedLogins = (lab: LabHost): Record<string, Record<string, unknown>> => {
  const root = connectionTo(lab);
  const { host, port, knownHosts } = root;
  return {
    "root-by-key": root,
    "user-with-sudo": connectionTo(lab, "ops"),
    "password-and-sudo-password": {
      host,
      port,
      knownHosts,
      user: "admin",
      password: secret,
      sudo: { password: secret },
    },
    "encrypted-key": {
      host,
      port,
      knownHosts,
      user: "ops",
      privateKeyPath: at("encrypted"),
      privateKeyPassword: secret,
    },
    agent: { host, port, knownHosts, user: "ops", agentSocketPath: at("agent") },
    "jump-host": { host: "10.0.2.15", user: "ops", privateKeyPath: lab.keyPath, hostKey: lab.hostKey, proxy: root },
    "pinned-fingerprint": { host, port, privateKeyPath: lab.keyPath, hostKey: fingerprint(lab) },
    "hashed-known-hosts": { ...root, knownHosts: at("known_hosts") },
  };
};

/** Connections that cannot log in, and the expected error. */
const refusedLogins = (lab: LabHost): Record<string, { connection: Record<string, unknown>; error: RegExp }> => ({
  "wrong-host-key": {
    connection: { ...connectionTo(lab), knownHosts: undefined, hostKey: readFileSync(at("other.pub"), "utf8") },
    error:
      /Could not check the host key on root@\S+: the server shows ssh-ed25519 SHA256:\S+, and hostKey pins SHA256:\S+\. .*compare with ssh-keygen -lf/,
  },
  "refused-login": {
    connection: { ...connectionTo(lab), privateKeyPath: at("other"), agentSocketPath: at("no-agent") },
    error:
      /Could not log in on root@\S+: .*key \S+other: refused.*\(the server accepts publickey.*\)\. Check the user name, and that the public key is in ~root\/\.ssh\/authorized_keys\./,
  },
  "no-sudo-rights": {
    connection: connectionTo(lab, "visitor"),
    error: /Could not become root with sudo on visitor@\S+: .*\. .*(sudoers|sudo\.password)/,
  },
  "sudo-wants-a-terminal": {
    connection: connectionTo(lab, "console"),
    error:
      /Could not become root with sudo on console@\S+: sudo requires a terminal .* Put "Defaults:console !requiretty" into a file of \/etc\/sudoers\.d\./,
  },
});

function fingerprint(lab: LabHost): string {
  writeFileSync(at("host.pub"), `${lab.hostKey}\n`);
  return execFileSync("ssh-keygen", ["-lf", at("host.pub")], { encoding: "utf8" }).split(" ")[1]!;
}

onLab("kinds of login, under the real CLI", { cards: "A40@0000:41", state: "ready" }, ({ lab, stack }) => {
  const declare = (connections: Record<string, Record<string, unknown>>) =>
    stack().declare(
      Object.entries(connections).map(([name, connection]) => ({
        kind: "VgpuManagerInstall",
        name,
        connection,
        version: "550.163.02",
      })),
    );

  beforeAll(async () => {
    for (const key of ["plain", "other"]) keygen(at(key), "ed25519");
    keygen(at("encrypted"), "ed25519", "-N", marker);
    writeFileSync(at("known_hosts"), readFileSync(lab().knownHostsPath));
    execFileSync("ssh-keygen", ["-q", "-H", "-f", at("known_hosts")], { stdio: "ignore" });
    agent = await startAgent(at("agent"), at("plain"));
    await lab().run(addUsers(["plain", "encrypted"].map((key) => readFileSync(at(`${key}.pub`), "utf8")).join("")));
  });
  afterAll(() => {
    agent?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test("each kind of login works, each refused login has an error with a hint, and no password is shown", async () => {
    const [accepted, refused] = [acceptedLogins(lab()), refusedLogins(lab())];
    declare({
      ...accepted,
      ...Object.fromEntries(Object.entries(refused).map(([name, { connection }]) => [name, connection])),
    });
    const { code, output } = await stack().up("--continue-on-error");
    expect(code).not.toBe(0);
    for (const [name, { error }] of Object.entries(refused)) expect.soft(output, name).toMatch(error);
    const state = await stack().state();
    expect(
      state
        .filter(({ type }) => type.includes("nvidia-vgpu"))
        .map(({ urn }) => urn.split("::").at(-1))
        .sort(),
      output,
    ).toEqual(Object.keys(accepted).sort());
    expect(readFileSync(at("known_hosts"), "utf8")).toMatch(/^\|1\|/);
    expect(output).not.toContain(marker);
    expect(stack().stateFile).not.toContain(marker);
  });

  test("the next up logs in by each connection of the state, and changes nothing", async () => {
    declare(acceptedLogins(lab()));
    const { code, output } = await stack().up("--expect-no-changes");
    expect(code, output).toBe(0);
    expect(output).not.toContain(marker);
  });

  test("a password for login and sudo is neither on the host's disk nor in its journal after a change", async () => {
    // By ssh: the guest agent logs its commands in the journal.
    const written = () =>
      lab().run(
        `cd / && { grep -rlF ${marker} etc home root run tmp var dev/shm; journalctl --output=cat | grep -F ${marker}; }; true`,
      );
    const connection = acceptedLogins(lab())["password-and-sudo-password"];
    stack().declare([{ kind: "SriovEnablement", name: "functions", connection, gpus: "all" }]);
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    expect(output).toContain("32 virtual functions");
    expect(await written()).toBe("");
    // The search itself works.
    await lab().run(`echo ${marker} > /var/tmp/found`);
    expect(await written()).toBe("var/tmp/found\n");
  });

  test("logins that only look show drift and nothing else, and each change through them is refused in a sentence", async () => {
    const watch = new Watch(lab(), folder);
    await watch.create();
    const looks = new Stack("looks");
    const { connection } = watch;
    looks.declare([
      { kind: "VgpuManagerInstall", name: "driver", connection, version: "550.163.02" },
      { kind: "SriovEnablement", name: "vfs", on: "driver", gpus: "all" },
      { kind: "VgpuLayout", name: "layout", on: "vfs", gpu: { model: "A40" }, vgpus: { "A40-12Q": 2 } },
    ]);
    const file = at("fleet.yaml");
    try {
      const created = await looks.up();
      expect(created.code, created.output).toBe(0);
      writeFileSync(file, (await watch.inspect("--as-fleet")).output);
      const noSudo =
        /Could not become root with sudo on watch@\S+: .*(sudoers|may not become root|sudo requires a password)/;
      const ways: [string, () => Promise<void>, RegExp][] = [
        ["without sudo", () => watch.loseSudo(), noSudo],
        ["one line of sudoers", () => watch.getSudoersLine(), noSudo],
        [
          "a forced command",
          () => watch.getForcedCommand(),
          /Could not change the host on watch@\S+: the server runs only the probe for this key/,
        ],
      ];
      for (const [way, prepare, refusal] of ways) {
        await prepare();
        const inSync = await looks.preview("--expect-no-changes");
        expect(inSync.code, `${way}: ${inSync.output}`).toBe(0);
        // The rows repeat the last message while the run continues.
        const [, diagnostics = ""] = inSync.output.split("\nDiagnostics:");
        const notes = diagnostics.match(/not readable without root: who uses GPUs and vGPUs/g) ?? [];
        expect(notes, `${way}: ${inSync.output}`).toHaveLength(way === "without sudo" ? 1 : 0);
        for (const command of ["plan", "drift"]) expect(await watch.cli(command, file), way).toMatchObject({ code: 0 });
        const [vgpu] = (await uuidsOn(lab())) as [string];
        const parent = await lab().run(`basename $(dirname $(readlink -f /sys/bus/mdev/devices/${vgpu}))`);
        await removeVgpu(lab(), vgpu);
        const refused = await looks.up();
        expect(refused.code, way).not.toBe(0);
        expect(refused.output, way).toMatch(refusal);
        expect(await watch.cli("drift", file), way).toMatchObject({
          code: 2,
          output: expect.stringContaining("A40-12Q") as string,
        });
        expect(await uuidsOn(lab())).toHaveLength(1);
        await createVgpu(lab(), parent.trim(), "A40-12Q", vgpu);
      }
    } finally {
      looks.remove();
    }
  });
});
