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

  it("works with a key file", async () => {
    expect(await connect({ ...bare(), privateKeyPath: file("login") })).toBe("in\n");
  });

  it("works with the text of a key", async () => {
    expect(await connect({ ...bare(), privateKey: readFileSync(file("login"), "utf8") })).toBe("in\n");
  });

  it.each(["locked", "locked_pem"])("works with an encrypted key: %s", async (name) => {
    expect(await connect({ ...bare(), privateKeyPath: file(name), privateKeyPassword: "open sesame" })).toBe("in\n");
    await expect(connect({ ...bare(), privateKeyPath: file(name), privateKeyPassword: "shut" })).rejects.toThrow(
      "privateKeyPassword does not decrypt it",
    );
    await expect(
      connect({ ...sshd.connection, agentSocketPath: undefined, privateKeyPath: file(name) }),
    ).rejects.toThrow(
      "it is encrypted and there is no passphrase. Set privateKeyPassword, or load the key into an ssh agent.",
    );
  });

  it.each([
    ["login.pub", "it is a public key"],
    ["nowhere", "no such file"],
    ["sshd_config", "it is not a readable private key"],
  ])("not by %s", async (name, seen) => {
    const connection = { ...bare(), privateKeyPath: file(name) };
    await expect(connect(connection)).rejects.toMatchObject({ kind: "settings" });
    await expect(connect(connection)).rejects.toThrow(seen);
  });

  it("reports what was tried and what the server accepts", async () => {
    await expect(connect({ ...bare(), privateKeyPath: file("stranger"), password: "hunter2" })).rejects.toMatchObject({
      kind: "login",
      message:
        `Could not log in on ${sshd.connection.user}@${sshd.address}:${sshd.port}: agent: no socket ${file("no-agent")}; ` +
        `key ${file("stranger")}: refused; password: not tried; password (keyboard-interactive): not tried ` +
        `(the server accepts publickey). Check the user name, and that the public key is in ~${sshd.connection.user}/.ssh/authorized_keys.`,
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

    it("works with keys of the agent", async () => {
      expect(await connect({ ...bare(), agentSocketPath: socket() })).toBe("in\n");
    });

    it("works with keys of the agent after privateKey was refused, or could not be decrypted", async () => {
      expect(await connect({ ...bare(), agentSocketPath: socket(), privateKeyPath: file("stranger") })).toBe("in\n");
      expect(await connect({ ...bare(), agentSocketPath: socket(), privateKeyPath: file("locked") })).toBe("in\n");
    });

    it("reports an agent with too many keys", async () => {
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
          /too many authentication failures.*set the right one with privateKeyPath/,
        );
      } finally {
        full.kill();
      }
    });

    it("tries the other methods when the agent does not answer", async () => {
      writeFileSync(file("no-socket"), "");
      expect(await connect({ ...bare(), agentSocketPath: file("no-socket"), privateKeyPath: file("login") })).toBe(
        "in\n",
      );
      await expect(connect({ ...bare(), agentSocketPath: file("no-socket") })).rejects.toThrow(
        ": agent: Failed to connect to agent (the server accepts publickey)",
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

  it("works by the method password", async () => {
    server = await LoginServer.start({ takes: ["password"], password: "open sesame" });
    expect(await connect(connection("open sesame"))).toBe("in\n");
    await expect(connect(connection("shut"))).rejects.toThrow(
      /; password: refused.*the server accepts password\)\. Check user and password; for root/,
    );
  });

  it("works by the method keyboard-interactive", async () => {
    server = await LoginServer.start({ takes: ["keyboard-interactive"], password: "open sesame" });
    expect(await connect(connection("open sesame"))).toBe("in\n");
    await expect(connect(connection("shut"))).rejects.toThrow("password (keyboard-interactive): refused");
  });

  it("never prints the password", async () => {
    server = await LoginServer.start({ takes: ["password"], password: "open sesame" });
    const error = (await connect(connection("shut-and-secret")).catch((reason: unknown) => reason)) as Error;
    expect(JSON.stringify([error.message, error.stack, error])).not.toContain("shut-and-secret");
  });

  it("reports missing credentials", async () => {
    server = await LoginServer.start({ takes: ["password"], password: "open sesame" });
    const nothing = { ...connection(), agentSocketPath: undefined };
    const saved = process.env.SSH_AUTH_SOCK;
    delete process.env.SSH_AUTH_SOCK;
    try {
      await expect(connect(nothing)).rejects.toThrow(
        "nothing to log in with (the server accepts password). Set privateKeyPath, start an ssh agent, or set password.",
      );
    } finally {
      if (saved !== undefined) process.env.SSH_AUTH_SOCK = saved;
    }
  });
});
