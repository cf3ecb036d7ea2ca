import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, it, test } from "vitest";
import { inspectHost } from "../../provider/host/inspect";
import { UserError } from "../../provider/model/errors";
import { Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";

const refused = async (connection: unknown) => {
  const error: unknown = await inspectHost(connection as Parameters<typeof inspectHost>[0]).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
};

test.each([
  [{ host: "gpu01", port: 70_000 }, /inspect a host: connection\.port: /],
  [
    { host: "gpu01", proxy: { host: "jump", user: "a b" } },
    /connection\.proxy\.user: a user name must not contain blanks/,
  ],
  [{ user: "ops" }, /connection\.host: required/],
  [{ host: "gpu01", usr: "ops", dialErrorLimit: -2 }, /connection\.dialErrorLimit: .*; connection: .*"usr"/],
])("mistakes in a connection are told with their properties: %j", async (connection, message) =>
  expect(await refused(connection)).toMatch(message),
);

test("a host that does not answer is an error", async () => {
  const server = createServer((socket) => void socket.destroy());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  expect(await refused({ host: "127.0.0.1", port, user: "ops", knownHosts: "off", dialErrorLimit: 0 })).toMatch(
    / on ops@127\.0\.0\.1:\d+: /,
  );
  server.close();
});

withSshd("inspecting a host that answers", () => {
  let sshd: Sshd;
  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.61")));
  afterAll(() => sshd.remove());

  it("returns its facts and closes the connection at once", async () => {
    const { boot } = await inspectHost(sshd.connection);
    expect(boot.kernel).toBe(execFileSync("uname", ["-r"], { encoding: "utf8" }).trim());
    // An idle connection would be closed after a minute.
    await expect
      .poll(() => sshd.count(/(Disconnected from|Connection closed by|Connection reset by)[^\n]* port \d+/), {
        timeout: 20_000,
      })
      .toBe(1);
  });
});
