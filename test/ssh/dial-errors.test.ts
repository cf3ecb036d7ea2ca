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

describe("what answers wrongly", () => {
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

  it("nobody", async () => {
    server.close();
    await expect(dial({ port })).rejects.toThrow(
      `Could not reach sshd on root@127.0.0.1:${port}: connection refused. Is the machine up, and does its sshd listen there?`,
    );
  });

  it("somebody who says nothing", async () => {
    greet = () => undefined;
    await expect(dial({ port, perDialTimeout: 0.2 })).rejects.toThrow(
      "connected, but then: no answer within 0.2 s. Is sshd overloaded (MaxStartups in sshd_config)",
    );
    expect(dials).toBe(1);
  });

  it("somebody who hangs up, every time", async () => {
    greet = (socket) => socket.destroy();
    await expect(dial({ port, dialErrorLimit: 2 })).rejects.toThrow(
      /connected, but then: .*\(3 attempts\)\. Is sshd overloaded/,
    );
    expect(dials).toBe(3);
  });

  it("a web server", async () => {
    greet = (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    await expect(dial({ port })).rejects.toMatchObject({ kind: "unreachable" });
  });

  it("a server of another age", async () => {
    greet = (socket) => socket.end("SSH-1.5-old\r\n");
    await expect(dial({ port, dialErrorLimit: 5 })).rejects.toThrow(
      /does not agree on the ssh protocol \(.*\). Check host and port\./,
    );
    expect(dials).toBe(1);
  });
});

describe("what cannot be dialled", () => {
  it("a name that does not exist, once", async () => {
    await expect(dial({ host: "gpu1.invalid", dialErrorLimit: 5 })).rejects.toThrow(
      /unknown host name|the name server does not answer/,
    );
  });

  it("a port nobody listens on, with a pause between the attempts", async () => {
    const started = Date.now();
    await expect(dial({ host: "127.0.0.1", port: 1, dialErrorLimit: 2 })).rejects.toThrow(
      "connection refused (3 attempts)",
    );
    expect(Date.now() - started).toBeGreaterThan(300);
  });
});
