import { afterAll, beforeAll, expect, it, test } from "vitest";
import { inspectHosts } from "../../provider/host/inspect";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import { Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";

test("an unreachable host does not hide others, each host is reported when it is done, and no message has a password", async () => {
  let seen = 0;
  const hosts = ["a", "b"].map((host) => ({ name: `host ${host}`, connection: { host, password: "hunter2-long" } }));
  const inspected = await inspectHosts(hosts, {
    factsAt: async ({ host, password }) => {
      if (host === "a") throw new Error(`refused: ${password}`);
      return {} as HostFacts;
    },
    onHost: () => seen++,
  });
  expect(inspected).toEqual([
    { ...hosts[0], away: expect.stringContaining("refused: [secret]") },
    { ...hosts[1], facts: {} },
  ]);
  expect(seen).toBe(2);
});

withSshd("hosts behind real servers", () => {
  let sshd: Sshd;
  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.62")));
  afterAll(() => sshd.remove());

  it("are read, and no connection is left open", async () => {
    const away = { ...sshd.connection, port: 1, dialErrorLimit: 0 };
    const [first, second] = await inspectHosts([{ connection: sshd.connection }, { connection: away }]);
    expect(first).toHaveProperty("facts.boot.kernel");
    expect(second).toHaveProperty("away", expect.stringContaining(":1: "));
    await expect
      .poll(() => sshd.count(/(Disconnected from|Connection closed by|Connection reset by)[^\n]* port \d+/), {
        timeout: 20_000,
      })
      .toBe(1);
  });
});
