import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../scripts/setup/places.mjs";
import type { Declared } from "../engine/stack";
import { Stack } from "../engine/stack";
import { LoginServer } from "../ssh/login-server";
import { keygen, Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";
import { ProcessWatch } from "./process-watch";

const folder = mkdtempSync(join(tmpdir(), "vgpu-secrets-"));
const marker = (of: string) => `MARKER-${of}-c0ffee`;

/** Creates a key with a marker as its passphrase; the lines of its text are markers too. */
function lockedKey(name: string): { privateKey: string; privateKeyPassword: string; publicKey: string } {
  const file = join(folder, name);
  keygen(file, "ed25519", "-N", marker(`${name}-passphrase`));
  const [privateKey, publicKey] = [file, `${file}.pub`].map((path) => readFileSync(path, "utf8")) as [string, string];
  return { privateKey, privateKeyPassword: marker(`${name}-passphrase`), publicKey };
}

/** Returns what must be nowhere in plain text: each value of a secret property, at any depth. */
function secretsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    if (!["password", "privateKey", "privateKeyPassword"].includes(key)) return secretsOf(part);
    return key === "privateKey"
      ? (part as string).split("\n").filter((line) => line !== "" && !line.startsWith("-----"))
      : [part as string];
  });
}

withSshd("the secrets of a connection", () => {
  let jump: Sshd;
  let host: LoginServer;
  let watch: ProcessWatch;
  const stacks: Stack[] = [];
  const bin = join(folder, "bin");
  beforeAll(async () => {
    mkdirSync(bin);
    // Reads the password as the real sudo does. The command runs as the user of these tests.
    writeFileSync(
      join(bin, "sudo"),
      `#!/bin/bash
      while :; do case $1 in -p) prompt=$2; shift 2 ;; -[nkS]) shift ;; --) shift; break ;; esac; done
      printf %s "$prompt" >&2; read -r given; [ "$given" = '${marker("sudo")}' ] || exit 1; exec "$@"`,
      { mode: 0o755 },
    );
    jump = await Sshd.start("127.0.0.44");
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
    host = await LoginServer.start({ takes: ["password"], password: marker("password"), env });
    watch = new ProcessWatch();
  });
  afterAll(async () => {
    watch.stop();
    for (const stack of stacks) stack.remove();
    host.close();
    await jump.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const newStack = (...surroundings: ConstructorParameters<typeof Stack>) => {
    const stack = new Stack(...surroundings);
    stacks.push(stack);
    return stack;
  };

  /** Uses each input that can be secret: an encrypted key for the jump host, a password for the host, another for sudo. */
  const connection = (more: object = {}) => {
    const { publicKey, ...jumpKey } = lockedKey(`jump-${stacks.length}`);
    writeFileSync(join(jump.dir, "authorized_keys"), publicKey);
    const { publicKey: _, ...ownKey } = lockedKey(`own-${stacks.length}`);
    return {
      host: "127.0.0.1",
      port: host.port,
      user: "ops",
      password: marker("password"),
      ...ownKey,
      knownHosts: "off",
      dialErrorLimit: 0,
      sudo: { password: marker("sudo") },
      proxy: {
        host: jump.address,
        port: jump.port,
        user: jump.connection.user,
        password: marker("jump-password"),
        ...jumpKey,
        knownHosts: "off",
      },
      ...more,
    };
  };
  const layers = (at: object): Declared[] => [
    { kind: "SriovEnablement", name: "functions", connection: at, gpus: "all" },
    { kind: "VgpuManagerInstall", name: "driver", connection: at, version: "550.163.02" },
  ];

  function expectHidden(secrets: string[], texts: Record<string, string>): void {
    expect(secrets.length).toBeGreaterThanOrEqual(9);
    for (const [where, text] of Object.entries(texts))
      for (const secret of secrets) expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
  }

  test("secrets are in no output, log or process list, with a successful and with a refused login", async () => {
    const stack = newStack("test", undefined, { startsProgram: true });
    const at = connection();
    const secrets = secretsOf(at);
    const outputs: Record<string, string> = {};
    const run = async (...args: string[]) => {
      const { output } = await stack.pulumi(...args);
      return (outputs[`${Object.keys(outputs).length}: pulumi ${args.join(" ")}`] = output);
    };

    stack.declare(layers(at));
    await run("preview", "--diff", "--json");
    const letIn = await run("up", "--yes", "--diff", "--continue-on-error");
    // The login and sudo succeed; the error is that there is no driver.
    expect(letIn).not.toMatch(/Could not (log in|reach|become root|read)/);
    expect(host.commands.length).toBeGreaterThan(0);

    const wrong = {
      password: { password: marker("wrong") },
      sudo: { sudo: { password: marker("wrong-sudo") } },
      key: { privateKey: marker("no-key") },
    };
    stack.declare(
      Object.entries(wrong).map(([name, part]) => ({
        kind: "SriovEnablement",
        name,
        connection: { ...at, ...part },
        gpus: "all",
      })),
    );
    const refused = await run("up", "--yes", "--diff", "--continue-on-error");
    for (const words of ["Could not log in", "Could not become root", "Could not read privateKey"])
      expect(refused).toContain(words);
    secrets.push(...secretsOf(wrong));
    expectHidden(secrets, {
      ...outputs,
      state: stack.stateFile,
      commands: host.commands.join("\n"),
      log: jump.log,
      ps: [...watch.commandLines].join("\n"),
    });
    expect(watch.reads).toBeGreaterThan(10);
    expect([...watch.commandLines].join("\n")).toContain("dynamic-provider");
  });

  test("secrets are encrypted in the state of a partial failure, and hidden in its messages", async () => {
    const stack = newStack("test", undefined, { modules: withHostInMemory() });
    const at = connection({ host: "partial" });
    const uuid = "00000043-1111-4222-8333-000000000043";
    stack.declare([{ kind: "MdevVgpu", name: "cad", connection: at, gpu: "41:00.0", type: "A40-4A", uuid }]);
    const first = await stack.up("--diff");
    const halfDone = stack.stateFile;
    expect(halfDone).toContain('"initErrors"');
    expect(first.output).toContain("Could not use [secret] on partial: it broke.");
    const refreshed = await stack.pulumi("refresh", "--yes", "--diff");
    // The state has them as encrypted secrets.
    expect(halfDone.match(/"ciphertext"/g)!.length).toBeGreaterThanOrEqual(2);
    expectHidden(secretsOf(at), {
      first: first.output,
      refreshed: refreshed.output,
      halfDone,
      state: stack.stateFile,
      ps: [...watch.commandLines].join("\n"),
    });
    const exported = await stack.pulumi("stack", "export", "--show-secrets");
    for (const secret of secretsOf(at)) expect(exported.output).toContain(secret);
  });
});

/** Creates a node_modules in which the real provider works on a host in memory, which behaves by its name. */
function withHostInMemory(): string {
  const modules = join(folder, "node_modules");
  const own = join(modules, "pulumi-nvidia-vgpu");
  mkdirSync(own, { recursive: true });
  symlinkSync(join(root, "node_modules", "@pulumi"), join(modules, "@pulumi"));
  writeFileSync(join(own, "index.js"), `module.exports = require(${JSON.stringify(join(root, "dist"))});`);
  writeFileSync(
    join(own, "provider.js"),
    `module.exports = require(${JSON.stringify(join(root, "test/engine/grpc-host.js"))});`,
  );
  return modules;
}
