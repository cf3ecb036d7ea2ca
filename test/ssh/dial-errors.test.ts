import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";

const pool = new ConnectionPool();
const dial = (connection: Partial<Connection>) =>
  new Ssh(
    {
      host: "127.0.0.1",
      user: "root",
      password: "x",
      agentSocketPath: "/nonexistent",
      knownHosts: "off",
      dialErrorLimit: 0,
      ...connection,
    },
    pool,
  ).run("true");

describe("a wrong server", () => {
  let server: Server;
  let port: number;
  let greet: (socket: Socket) => void;
  let dials: number;

  beforeEach(async () => {
    dials = 0;
    server = createServer((socket) => {
      dials++;
      greet(socket.on("error", () => undefined).resume());
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    port = (server.address() as { port: number }).port;
  });
  afterEach(() => void server.close());

  it("connection refused", async () => {
    server.close();
    await expect(dial({ port })).rejects.toThrow(
      `Could not reach sshd on root@127.0.0.1:${port}: connection refused. Check that the machine is up and its sshd listens there.`,
    );
  });

  it("a server that sends nothing", async () => {
    greet = () => undefined;
    await expect(dial({ port, perDialTimeout: 0.2 })).rejects.toThrow(
      "connected, but then: no answer within 0.2 s. Check whether sshd is overloaded (MaxStartups in sshd_config)",
    );
    expect(dials).toBe(1);
  });

  it("a server that closes every connection", async () => {
    greet = (socket) => socket.destroy();
    await expect(dial({ port, dialErrorLimit: 2 })).rejects.toThrow(
      /connected, but then: .*\(3 attempts\)\. Check whether sshd is overloaded/,
    );
    expect(dials).toBe(3);
  });

  it("a web server", async () => {
    greet = (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    await expect(dial({ port })).rejects.toMatchObject({ kind: "unreachable" });
  });

  it("a server with an outdated protocol", async () => {
    greet = (socket) => socket.end("SSH-1.5-old\r\n");
    await expect(dial({ port, dialErrorLimit: 5 })).rejects.toThrow(
      /have no ssh protocol or algorithm in common \(.*\). Check host and port\./,
    );
    expect(dials).toBe(1);
  });
});

describe("an address that cannot be dialed", () => {
  it("an unknown host name is tried once", async () => {
    await expect(dial({ host: "gpu1.invalid", dialErrorLimit: 5 })).rejects.toThrow(
      /unknown host name|the name server does not answer/,
    );
  });

  it("a closed port is tried again after a pause", async () => {
    const started = Date.now();
    await expect(dial({ host: "127.0.0.1", port: 1, dialErrorLimit: 2 })).rejects.toThrow(
      "connection refused (3 attempts)",
    );
    expect(Date.now() - started).toBeGreaterThan(300);
  });
});
