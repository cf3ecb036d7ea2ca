import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { QueuedHost } from "../../provider/host/queued-host";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { openSocket } from "../../provider/ssh/dial";
import { endpoint } from "../../provider/ssh/endpoint";
import { FakeServer } from "./fake-server";

let server: FakeServer;
const pool = new ConnectionPool();
afterEach(() => server.close());

const dial = (connection: Partial<Connection>, use = {}) =>
  new Ssh(
    {
      host: "127.0.0.1",
      port: server.port,
      password: "x",
      agentSocketPath: "/nonexistent",
      knownHosts: "off",
      ...connection,
    },
    pool,
    use,
  ).run("true");

const sends = (text: string) => (socket: Socket) => void socket.end(text);

describe("a server that refuses before its version line", () => {
  it("is quoted: penalties of sshd 9.8, which are waited for", async () => {
    server = await FakeServer.start(sends("Not allowed at this time\r\n"));
    const started = performance.now();
    await expect(dial({ dialErrorLimit: 1, perDialTimeout: 3 })).rejects.toThrow(
      /^Could not reach sshd on root@127.0.0.1:\d+: sshd refuses connections .* \(PerSourcePenalties\): "Not allowed at this time" \(\d attempts\)\. .*PerSourcePenaltyExemptList/,
    );
    expect(performance.now() - started).toBeGreaterThan(5_000);
    expect(server.dials).toBeLessThan(4);
  }, 20_000);

  it("is quoted: MaxStartups, and asked again until it has room", async () => {
    server = await FakeServer.start((socket) =>
      sends(server.dials < 3 ? "Exceeded MaxStartups\r\n" : "HTTP/1.1 400\r\n")(socket),
    );
    await expect(dial({})).rejects.toThrow('no ssh server answers there: "HTTP/1.1 400". Check host and port.');
    expect(server.dials).toBe(3);
  }, 20_000);

  it("is not asked again if no retries are wanted", async () => {
    server = await FakeServer.start(sends("Exceeded MaxStartups\r\n"));
    await expect(dial({ dialErrorLimit: 0 })).rejects.toThrow("(MaxStartups)");
    expect(server.dials).toBe(1);
  });

  it("is quoted: any other text, and without control characters", async () => {
    server = await FakeServer.start(sends("refused \x1b[31mby policy\r\nask ops@example\r\n"));
    await expect(dial({ dialErrorLimit: 0 })).rejects.toThrow(
      'the server refuses the connection before the login: "refused \\x1b[31mby policy; ask ops@example". Check what keeps connections out there: /etc/hosts.deny',
    );
  });

  it("is quoted: a tar pit that never ends its greeting", async () => {
    server = await FakeServer.start((socket) => {
      const timer = setInterval(() => socket.write("x7Fz\r\n"), 50);
      socket.once("close", () => clearInterval(timer));
    });
    await expect(dial({ dialErrorLimit: 0, perDialTimeout: 0.5 })).rejects.toThrow(/before the login: "x7Fz; x7Fz/);
  });
});

it("a socket that is given up is destroyed, and keeps no process alive", async () => {
  server = await FakeServer.start(() => undefined);
  const sockets = () => process.getActiveResourcesInfo().filter((one) => one.startsWith("TCPSocket")).length;
  await expect.poll(sockets).toBe(0);
  const end = new AbortController();
  const opening = openSocket(endpoint({ host: "127.0.0.1", port: server.port }), end.signal);
  expect(sockets()).toBe(1);
  end.abort(new Error("too long"));
  await expect(opening).rejects.toThrow("too long");
  await new Promise((done) => setTimeout(done, 300));
  expect(sockets()).toBe(0);
});

describe("time limits", () => {
  it("of reading a host are those of one attempt, not of all", async () => {
    server = await FakeServer.start(() => undefined);
    const started = performance.now();
    await expect(dial({ perDialTimeout: 2 }, { isForReading: true })).rejects.toThrow("no answer within 2 s");
    expect(performance.now() - started).toBeLessThan(4_000);
    expect(server.dials).toBe(1);
  });

  it("of a host that was read in vain are waited for once, for all of its resources", async () => {
    server = await FakeServer.start((socket) => socket.destroy());
    const host = new QueuedHost(
      { host: "127.0.0.1", port: server.port, password: "x", knownHosts: "off", perDialTimeout: 1 },
      { pool },
    );
    await expect(host.facts()).rejects.toThrow("Could not reach sshd");
    const { dials } = server;
    await expect(host.facts()).rejects.toThrow("Could not reach sshd");
    expect(server.dials).toBe(dials);
    await expect(host.facts({ maxAgeMs: 0 })).rejects.toThrow("Could not reach sshd");
    expect(server.dials).toBeGreaterThan(dials);
  });

  it("are counted without the wait for a turn, and a dead server delays no other one", async () => {
    server = await FakeServer.start(() => undefined);
    const dead = Array.from({ length: 60 }, (_, index) =>
      dial({ user: `user${index}`, host: `127.0.2.${index + 1}`, perDialTimeout: 4, dialErrorLimit: 0 }),
    );
    const results = Promise.allSettled(dead);
    const other = await FakeServer.start(sends("HTTP/1.1 400\r\n"));
    const started = performance.now();
    await expect(dial({ port: other.port })).rejects.toThrow("no ssh server answers there");
    expect(performance.now() - started).toBeLessThan(3_000);
    other.close();
    for (const result of await results)
      expect(result).toMatchObject({ reason: { message: expect.stringContaining("no answer within 4 s") } });
  }, 30_000);
});
