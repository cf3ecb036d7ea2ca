import type { types } from "@pulumi/command";
import type { Unwrap } from "@pulumi/pulumi";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import type { Connection } from "../../provider/model/connection";
import { connection } from "../../provider/model/connection";
import { endpoint } from "../../provider/ssh/endpoint";

type ConnectionArgs = types.input.remote.ConnectionArgs;

describe("a connection", () => {
  it("is one object for @pulumi/command and for this package", () => {
    // Whatever remote.Command takes, we take, and the other way round.
    expectTypeOf<Unwrap<ConnectionArgs>>().toExtend<Connection>();
    expectTypeOf<Connection>().toExtend<ConnectionArgs>();
    expectTypeOf<z.input<typeof connection>>().toEqualTypeOf<Connection>();
  });

  const everything: Connection = {
    host: "gpu1.example.com",
    port: 2222,
    user: "operator",
    password: "p",
    privateKeyPath: "~/.ssh/id_ed25519",
    privateKeyPassword: "p",
    agentSocketPath: "/run/agent",
    knownHosts: "accept-new",
    dialErrorLimit: -1,
    perDialTimeout: 0.5,
    sudo: { password: "p" },
    proxy: { host: "jump1", hostKey: "SHA256:x", proxy: { host: "jump0", privateKey: "k" } },
  };

  it("is accepted unchanged", () => {
    expect(connection.parse(everything)).toEqual(everything);
    expect(connection.parse({ host: "fe80::1" })).toEqual({ host: "fe80::1" });
  });

  it.each<[string, unknown, string, string]>([
    ["no host", {}, "host", "expected string"],
    ["an option for a name", { host: "-oProxyCommand=id" }, "host", "does not start with -"],
    ["a line break in a name", { host: "a\nb" }, "host", "must not contain blanks or control characters"],
    ["a port as text", { host: "a", port: "22" }, "port", "expected number"],
    ["a port that does not exist", { host: "a", port: 65536 }, "port", "<=65535"],
    ["an unknown key", { host: "a", privatKey: "x" }, "", '"privatKey"'],
    [
      "an unknown key of a jump host",
      { host: "a", proxy: { host: "b", proxy: { host: "c", hots: "x" } } },
      "proxy.proxy",
      '"hots"',
    ],
    ["sudo on a jump host", { host: "a", proxy: { host: "b", sudo: {} } }, "proxy", '"sudo"'],
    ["two keys", { host: "a", privateKey: "x", privateKeyPath: "y" }, "privateKeyPath", "keep only one of them"],
    [
      "two ways to know the host",
      { host: "a", proxy: { host: "b", hostKey: "x", knownHosts: "off" } },
      "proxy.knownHosts",
      "keep only one of them",
    ],
    ["an empty password", { host: "a", password: "" }, "password", "Too small"],
  ])("is refused with %s", (_what, value, path, message) => {
    const issues = connection.safeParse(value).error!.issues;
    expect(issues.map((issue) => issue.path.join("."))).toContain(path);
    expect(issues.map((issue) => issue.message).join()).toContain(message);
  });

  it("describes every property in its JSON Schema", () => {
    const { properties } = z.toJSONSchema(connection) as { properties: Record<string, { description?: string }> };
    expect(Object.entries(properties).filter(([, { description }]) => !description)).toEqual([]);
  });
});

describe("an endpoint", () => {
  const base: Connection = {
    host: "a",
    user: "operator",
    password: "p",
    agentSocketPath: "/x",
    proxy: { host: "j", password: "q" },
  };
  const key = (change: Partial<Connection>) => endpoint({ ...base, ...change }).key;

  it("is the same for any arguments of sudo and dialing", () => {
    expect(key({ sudo: { password: "x" }, dialErrorLimit: 7, perDialTimeout: 1, port: 22 })).toBe(key({}));
  });

  it.each<Partial<Connection>>([
    { host: "b" },
    { port: 2222 },
    { user: "root" },
    { password: "r" },
    { privateKeyPath: "~/k" },
    { agentSocketPath: "/y" },
    { hostKey: "SHA256:x" },
    { knownHosts: "off" },
    { proxy: undefined },
    { proxy: { host: "j", password: "r" } },
    { proxy: { host: "j", password: "q", proxy: { host: "i" } } },
  ])("is another one with %o", (change) => {
    expect(key(change)).not.toBe(key({}));
  });

  it("has a name for messages", () => {
    const name = (connection: Connection) => endpoint(connection).name;
    expect(name({ host: "gpu1" })).toBe("root@gpu1");
    expect(name({ host: "gpu1", user: "me", port: 2222 })).toBe("me@gpu1:2222");
    expect(name({ host: "fe80::1", port: 2222 })).toBe("root@[fe80::1]:2222");
  });
});
