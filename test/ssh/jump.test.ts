import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Connection } from "../../provider/model/connection";
import { ConnectionPool, Ssh } from "../../provider/ssh";
import { Sshd } from "./sshd";
import { withSshd } from "./with-sshd";

withSshd("jump hosts", () => {
  let outer: Sshd;
  let inner: Sshd;
  let targets: Sshd[];
  let closed: Sshd;
  let pool: ConnectionPool;

  beforeAll(async () => {
    [outer, inner, closed] = await Promise.all([
      Sshd.start("127.0.0.41"),
      Sshd.start("127.0.0.42"),
      Sshd.start("127.0.0.43", { settings: ["AllowTcpForwarding no"] }),
    ]);
    targets = await Promise.all(["127.0.0.44", "127.0.0.45", "127.0.0.46"].map((address) => Sshd.start(address)));
  });
  afterAll(() => Promise.all([outer, inner, closed, ...targets].map((sshd) => sshd.remove())));
  beforeEach(() => void (pool = new ConnectionPool()));
  afterEach(() => pool.closeAll());

  const connect = (connection: Connection) =>
    new Ssh(connection, pool).run("echo in", { as: "login" }).then(({ stdout }) => stdout);
  const logins = (sshd: Sshd) => sshd.count(/Accepted publickey/);

  it("reach a machine, each with its own keys and host keys", async () => {
    expect(await connect({ ...targets[0]!.connection, proxy: outer.connection })).toBe("in\n");
  });

  it("reach a machine through a chain", async () => {
    expect(await connect({ ...targets[0]!.connection, proxy: { ...inner.connection, proxy: outer.connection } })).toBe(
      "in\n",
    );
    expect(targets[0]!.log).toContain("Connection from 127.0.0.1");
  });

  it("are connected to once for all machines behind them", async () => {
    const before = logins(outer);
    await Promise.all(targets.map((target) => connect({ ...target.connection, proxy: outer.connection })));
    expect(logins(outer)).toBe(before + 1);
  });

  it("have their host keys checked", async () => {
    await expect(
      connect({ ...targets[0]!.connection, proxy: { ...outer.connection, knownHosts: inner.knownHosts("ed25519") } }),
    ).rejects.toThrow(
      `Could not check the host key on jump host ${outer.connection.user}@${outer.address}:${outer.port}`,
    );
  });

  it("that forbid forwarding are an error", async () => {
    const { user } = closed.connection;
    await expect(connect({ ...targets[0]!.connection, proxy: closed.connection })).rejects.toThrow(
      `Could not reach sshd on ${user}@${targets[0]!.address}:${targets[0]!.port} (through jump host ${user}@${closed.address}:${closed.port}): ` +
        "the jump host forbids the forwarding. Allow it there: AllowTcpForwarding and PermitOpen in sshd_config.",
    );
  });

  it("that do not reach the machine are an error", async () => {
    const nobody = { ...targets[0]!.connection, port: 1, dialErrorLimit: 1 };
    await expect(connect({ ...nobody, proxy: outer.connection })).rejects.toThrow(
      /the jump host cannot connect \(.*Connection refused\) \(2 attempts\)/,
    );
  });

  it("end the connections through them when they are lost, and the next command dials again", async () => {
    const target = new Ssh({ ...targets[0]!.connection, proxy: outer.connection }, pool);
    const running = target.run("sleep 30", { as: "login" });
    await target.run("true", { as: "login" });
    await new Ssh(outer.connection, pool).disconnect();
    await expect(running).rejects.toMatchObject({ kind: "lost" });
    expect((await target.run("echo again", { as: "login" })).stdout).toBe("again\n");
  });
});
