import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { LoginServer } from "./login-server";
import { keygen, Sshd } from "./sshd";
import { withSshd } from "./with-sshd";

let pool: ConnectionPool;
beforeEach(() => void (pool = new ConnectionPool()));
afterEach(() => pool.closeAll());

const connect = (connection: Connection) =>
  new Ssh(connection, pool).run("echo in", { as: "login" }).then(({ stdout }) => stdout);

withSshd("logging in to a real sshd", () => {
  let sshd: Sshd;
  const file = (name: string) => join(sshd.dir, name);
  const allow = (name: string) => appendFileSync(file("authorized_keys"), readFileSync(file(`${name}.pub`)));
  /** Nothing but how to find the machine. */
  const bare = (): Connection => ({ ...sshd.connection, privateKeyPath: undefined, agentSocketPath: file("no-agent") });

  beforeAll(async () => {
    sshd = await Sshd.start("127.0.0.23");
    keygen(file("locked"), "ed25519", "-N", "open sesame");
    keygen(file("locked_pem"), "rsa", "-N", "open sesame", "-m", "PEM");
    keygen(file("stranger"), "ed25519");
    for (const name of ["locked", "locked_pem"]) allow(name);
  });
  afterAll(() => sshd.remove());

  it("by key file", async () => {
    expect(await connect({ ...bare(), privateKeyPath: file("login") })).toBe("in\n");
  });

  it("by the text of a key", async () => {
    expect(await connect({ ...bare(), privateKey: readFileSync(file("login"), "utf8") })).toBe("in\n");
  });

  it.each(["locked", "locked_pem"])("by an encrypted key: %s", async (name) => {
    expect(await connect({ ...bare(), privateKeyPath: file(name), privateKeyPassword: "open sesame" })).toBe("in\n");
    await expect(connect({ ...bare(), privateKeyPath: file(name), privateKeyPassword: "shut" })).rejects.toThrow(
      "privateKeyPassword does not open it",
    );
    await expect(
      connect({ ...sshd.connection, agentSocketPath: undefined, privateKeyPath: file(name) }),
    ).rejects.toThrow(
      "it is encrypted and there is no passphrase. Set privateKeyPassword, or load the key into an ssh agent.",
    );
  });

  it.each([
    ["login.pub", "it is a public key"],
    ["nowhere", "there is no such file"],
    ["sshd_config", "it is no private key that can be read"],
  ])("not by %s", async (name, seen) => {
    const connection = { ...bare(), privateKeyPath: file(name) };
    await expect(connect(connection)).rejects.toMatchObject({ kind: "settings" });
    await expect(connect(connection)).rejects.toThrow(seen);
  });

  it("says what was tried and what the server takes", async () => {
    await expect(connect({ ...bare(), privateKeyPath: file("stranger"), password: "hunter2" })).rejects.toMatchObject({
      kind: "login",
      message:
        `Could not log in on ${sshd.connection.user}@${sshd.address}:${sshd.port}: agent: there is no socket ${file("no-agent")}; ` +
        `key ${file("stranger")}: refused; password: not asked for; password (keyboard-interactive): not asked for ` +
        `(the server takes publickey). Check the user name, and that the public key is in ~${sshd.connection.user}/.ssh/authorized_keys.`,
    });
  });

  describe("with an ssh agent", () => {
    let agent: ChildProcess;
    const socket = () => file("agent");

    beforeAll(async () => {
      agent = spawn("ssh-agent", ["-D", "-a", socket()], { stdio: ["ignore", "pipe", "ignore"] });
      await new Promise((resolve) => agent.stdout!.once("data", resolve));
      add("login");
    });
    afterAll(() => void agent.kill());

    function add(name: string): void {
      execFileSync("ssh-add", ["-q", file(name)], {
        env: { ...process.env, SSH_AUTH_SOCK: socket() },
        stdio: "ignore",
      });
    }

    it("by its keys", async () => {
      expect(await connect({ ...bare(), agentSocketPath: socket() })).toBe("in\n");
    });

    it("by its keys after a key of ours was refused, or could not be opened", async () => {
      expect(await connect({ ...bare(), agentSocketPath: socket(), privateKeyPath: file("stranger") })).toBe("in\n");
      expect(await connect({ ...bare(), agentSocketPath: socket(), privateKeyPath: file("locked") })).toBe("in\n");
    });

    it("says so when it has too many keys", async () => {
      const many = file("many");
      const full = spawn("ssh-agent", ["-D", "-a", many], { stdio: ["ignore", "pipe", "ignore"] });
      await new Promise((resolve) => full.stdout.once("data", resolve));
      try {
        for (let i = 0; i < 8; i++) {
          keygen(file(`many${i}`), "ed25519");
          execFileSync("ssh-add", ["-q", file(`many${i}`)], {
            env: { ...process.env, SSH_AUTH_SOCK: many },
            stdio: "ignore",
          });
        }
        await expect(connect({ ...bare(), agentSocketPath: many })).rejects.toThrow(
          /too many authentication failures.*name the right one with privateKeyPath/,
        );
      } finally {
        full.kill();
      }
    });

    it("is one method less when it does not answer", async () => {
      writeFileSync(file("no-socket"), "");
      expect(await connect({ ...bare(), agentSocketPath: file("no-socket"), privateKeyPath: file("login") })).toBe(
        "in\n",
      );
      await expect(connect({ ...bare(), agentSocketPath: file("no-socket") })).rejects.toThrow(
        ": agent: Failed to connect to agent (the server takes publickey)",
      );
    });
  });
});

describe("logging in with a password", () => {
  let server: LoginServer | undefined;
  afterEach(() => server?.close());

  const connection = (password?: string): Connection => ({
    host: "127.0.0.1",
    port: server!.port,
    user: "operator",
    password,
    agentSocketPath: "/nonexistent",
    knownHosts: "off",
  });

  it("as a password", async () => {
    server = await LoginServer.start({ takes: ["password"], password: "open sesame" });
    expect(await connect(connection("open sesame"))).toBe("in\n");
    await expect(connect(connection("shut"))).rejects.toThrow(/; password: refused.*the server takes password/);
  });

  it("as the answer to a question", async () => {
    server = await LoginServer.start({ takes: ["keyboard-interactive"], password: "open sesame" });
    expect(await connect(connection("open sesame"))).toBe("in\n");
    await expect(connect(connection("shut"))).rejects.toThrow("password (keyboard-interactive): refused");
  });

  it("never shows the password", async () => {
    server = await LoginServer.start({ takes: ["password"], password: "open sesame" });
    const error = (await connect(connection("shut-and-secret")).catch((reason: unknown) => reason)) as Error;
    expect(JSON.stringify([error.message, error.stack, error])).not.toContain("shut-and-secret");
  });

  it("says so when there is nothing to log in with", async () => {
    server = await LoginServer.start({ takes: ["password"], password: "open sesame" });
    const nothing = { ...connection(), agentSocketPath: undefined };
    const saved = process.env.SSH_AUTH_SOCK;
    delete process.env.SSH_AUTH_SOCK;
    try {
      await expect(connect(nothing)).rejects.toThrow(
        "nothing to log in with (the server takes password). Set privateKeyPath, start an ssh agent, or set password.",
      );
    } finally {
      if (saved !== undefined) process.env.SSH_AUTH_SOCK = saved;
    }
  });
});
