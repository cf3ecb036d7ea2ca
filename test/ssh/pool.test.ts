import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { Relay } from "./relay";
import { Sshd } from "./sshd";
import { withSshd } from "./with-sshd";

const brisk = { keepaliveMs: 500, idleMs: 300 };

withSshd("the pooled connection", () => {
  let sshd: Sshd;
  let pool: ConnectionPool;

  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.24")));
  afterAll(() => sshd.remove());
  beforeEach(() => void (pool = new ConnectionPool()));
  afterEach(() => pool.closeAll());

  const login = (connection = sshd.connection, from = pool) => {
    const ssh = new Ssh(connection, from);
    return { ssh, run: (script: string) => ssh.run(script, { as: "login" }) };
  };
  const seen = () => ({ logins: sshd.count(/Accepted publickey/), sessions: sshd.count(/Starting session/) });

  it("serves 128 commands, a few at a time", async () => {
    await login().run("true");
    const before = seen();
    const runs = Array.from({ length: 128 }, (_, index) => login().run(`echo ${index}`));
    expect((await Promise.all(runs)).map(({ stdout }) => stdout.trim())).toEqual(runs.map((_, index) => String(index)));
    await expect.poll(seen).toEqual({ logins: before.logins, sessions: before.sessions + 128 });
  }, 120_000);

  it.each([1, 2, 7])(
    "makes do with %d sessions where the server allows no more",
    async (sessions) => {
      const meagre = await Sshd.start("127.0.0.25", { settings: [`MaxSessions ${sessions}`] });
      try {
        const runs = Array.from({ length: 20 }, (_, index) => login(meagre.connection).run(`echo ${index}`));
        expect((await Promise.all(runs)).map(({ stdout }) => Number(stdout))).toEqual(runs.map((_, index) => index));
        expect(meagre.count(/Accepted publickey/)).toBe(1);
      } finally {
        pool.closeAll();
        await meagre.remove();
      }
    },
    60_000,
  );

  it("is another one for another login", async () => {
    const before = seen();
    await Promise.all([
      login().run("true"),
      login({ ...sshd.connection, sudo: { password: "x" }, dialErrorLimit: 1, perDialTimeout: 3 }).run("true"),
    ]);
    expect(seen().logins).toBe(before.logins + 1);
    await login({ ...sshd.connection, knownHosts: "off" }).run("true");
    expect(seen().logins).toBe(before.logins + 2);
  });

  it("is dialed again after a failure, and all waiting commands get the error", async () => {
    const wrong = { ...sshd.connection, port: 1, dialErrorLimit: 0 };
    const results = await Promise.allSettled([1, 2, 3].map(() => login(wrong).run("true")));
    expect(new Set(results.map((result) => (result as PromiseRejectedResult).reason)).size).toBe(1);
    await sshd.stop();
    await expect(login({ ...sshd.connection, dialErrorLimit: 0 }).run("true")).rejects.toMatchObject({
      kind: "unreachable",
    });
    await sshd.listen();
    expect((await login().run("echo up")).stdout).toBe("up\n");
  });

  it("waits for a server that is starting", async () => {
    await sshd.stop();
    const waiting = login().run("echo up");
    setTimeout(() => void sshd.listen(), 500);
    expect((await waiting).stdout).toBe("up\n");
  });

  describe("over a network that fails", () => {
    let relay: Relay;
    const through = (): Connection => ({ ...sshd.connection, host: "127.0.0.1", port: relay.port, knownHosts: "off" });
    beforeEach(async () => void (relay = await Relay.to(sshd)));
    afterEach(() => relay.close());

    it("fails running commands when it is cut, and is dialed again by the next command", async () => {
      const { run } = login(through());
      const running = [run("sleep 30"), run("sleep 30")];
      await run("true");
      relay.cut();
      for (const result of await Promise.allSettled(running)) {
        expect(result).toMatchObject({
          reason: { kind: "lost", message: expect.stringMatching(/the connection was lost.*may have continued there/) },
        });
      }
      expect((await run("echo again")).stdout).toBe("again\n");
      expect(relay.connections).toBe(2);
    });

    it("does not fail a command when it was cut while idle", async () => {
      const { run } = login(through());
      await run("true");
      relay.cut();
      expect((await run("echo again")).stdout).toBe("again\n");
    });

    it("detects a server that is silent", async () => {
      const { run } = login(through(), (pool = new ConnectionPool(brisk)));
      const running = run("sleep 30");
      await run("true");
      relay.goDead();
      await expect(running).rejects.toThrow("the connection was lost (no sign of life for 1.5 s)");
    });

    it("keeps a connection with a silent command", async () => {
      const { run } = login(through(), (pool = new ConnectionPool(brisk)));
      expect((await run("sleep 4; echo done")).stdout).toBe("done\n");
    });
  });

  it("is closed when it is idle", async () => {
    const before = sshd.count(/Disconnected from user|Received disconnect/);
    await login(sshd.connection, (pool = new ConnectionPool(brisk))).run("true");
    await expect
      .poll(() => sshd.count(/Disconnected from user|Received disconnect/), { timeout: 3000 })
      .toBeGreaterThan(before);
  });

  describe("and the end of the process", () => {
    const program = (connection: Connection, more: string) => `
      const { Ssh } = require(${JSON.stringify(resolve("provider/ssh"))});
      const ssh = new Ssh(${JSON.stringify(connection)});
      ssh.run("echo ran", { as: "login" }).then(({ stdout }) => { process.stdout.write(stdout); ${more} });`;

    const start = (more: string) =>
      spawn(process.execPath, ["--import", "tsx", "-e", program(sshd.connection, more)], {
        stdio: ["ignore", "pipe", "inherit"],
      });

    it("a process ends with an open connection", async () => {
      const child = start("");
      const began = new Promise<number>((done) => child.stdout.once("data", () => done(Date.now())));
      const code = await new Promise((done) => child.once("exit", done));
      expect(code).toBe(0);
      expect(Date.now() - (await began)).toBeLessThan(2000);
    });

    it("a process ends at once on SIGINT, the connection first", async () => {
      const child = start("setInterval(() => undefined, 1000);");
      await new Promise((done) => child.stdout.once("data", done));
      const before = sshd.count(/disconnected by user|11:/);
      child.kill("SIGINT");
      expect(await new Promise((done) => child.once("exit", (_code, signal) => done(signal)))).toBe("SIGINT");
      await expect.poll(() => sshd.count(/disconnected by user|11:/)).toBeGreaterThan(before);
    });
  });
});

describe("dialing", () => {
  it("opens at most 10 connections to one server at once", async () => {
    const waiting = new Set<Socket>();
    const silent = createServer((socket) => {
      waiting.add(
        socket
          .resume()
          .on("error", () => undefined)
          .once("close", () => waiting.delete(socket)),
      );
    });
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const { port } = silent.address() as { port: number };
    const pool = new ConnectionPool();
    const dials = Array.from({ length: 25 }, (_, index) =>
      new Ssh(
        {
          host: "127.0.0.1",
          user: `user${index}`,
          port,
          password: "x",
          knownHosts: "off",
          dialErrorLimit: 0,
        },
        pool,
      ).run("true"),
    );
    const results = Promise.allSettled(dials);
    for (const doors of [10, 10, 5]) {
      await expect.poll(() => waiting.size).toBe(doors);
      await new Promise((done) => setTimeout(done, 200));
      expect(waiting.size).toBe(doors);
      for (const socket of waiting) socket.destroy();
      waiting.clear();
    }
    silent.close();
    expect((await results).map((result) => (result as PromiseRejectedResult).reason.kind)).toEqual(
      dials.map(() => "unreachable"),
    );
  });
});
