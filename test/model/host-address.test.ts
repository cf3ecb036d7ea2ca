import { describe, expect, it } from "vitest";
import { connection } from "../../provider/model/connection";
import { hostMistake, parseHostAddress } from "../../provider/model/host-address";
import { endpoint } from "../../provider/ssh/endpoint";

describe("the address of a host", () => {
  it.each([
    ["gpu01.example", { host: "gpu01.example" }],
    ["ops@gpu01:2222", { host: "gpu01", user: "ops", port: 2222 }],
    ["::1", { host: "::1" }],
    ["[::1]", { host: "::1" }],
    ["root@[fe80::1%eth0]:22", { host: "fe80::1%eth0", user: "root", port: 22 }],
    ["ssh://ops@[::1]:2222/", { host: "::1", user: "ops", port: 2222 }],
    ["ssh://gpu01", { host: "gpu01" }],
    ["10.0.0.1:22", { host: "10.0.0.1", port: 22 }],
    ["[gpu01]:2222", { host: "gpu01", port: 2222 }],
  ])("is parsed: %s", (text, address) => expect(parseHostAddress(text)).toEqual(address));

  it.each([
    "gpu01.example",
    "10.0.0.1",
    "::1",
    "[::1]",
    "fe80::1%eth0",
    "[fe80::1%eth0]",
    "gpu_01",
    "[gpu01]",
    "bücher.example",
  ])("is a host of a connection: %s", (host) => {
    expect(connection.parse({ host })).toEqual({ host });
    expect(endpoint({ host }).host).toBe(host.replace(/[[\]]/g, ""));
  });

  it.each([
    ["ops@gpu01:2222", "set host: gpu01, user: ops, port: 2222 in connection"],
    ["[::1]:22", "set host: ::1, port: 22 in connection"],
    ["ssh://gpu01", "set host: gpu01 in connection"],
    ["gpu01:22", "set host: gpu01, port: 22 in connection"],
    ["ops:hunter2@gpu01", "set host: gpu01, user: ops, password in connection"],
  ])("with more in it is a mistake that names where it belongs: %s", (host, message) => {
    expect(hostMistake(host)).toContain(message);
    expect(connection.safeParse({ host }).error?.issues).toMatchObject([
      { path: ["host"], message: hostMistake(host) },
    ]);
  });

  it.each(["https://gpu01", "10.0.0.0/24", "gpu01,gpu02", "gpu01:", "ops@a@b", "fe80::1%25eth0", "gpu01:22:22"])(
    "that no machine can have is a mistake before it is dialed: %s",
    (host) => expect(hostMistake(host)).toContain("no name or address of one host"),
  );
});

it("a user name with a password in it is a mistake that does not repeat it", () => {
  const { issues } = connection.safeParse({ host: "gpu01", user: "ops:hunter2" }).error!;
  expect(issues).toMatchObject([{ path: ["user"], message: "a user name has no colon; set a password as password" }]);
});
