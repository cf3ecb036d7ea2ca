import { afterEach, expect, test, vi } from "vitest";
import { captured, ended } from "./io";

const facts = captured("ubuntu-22.04-t4");
const dialed = async (words: string) => {
  const named = new Proxy({}, { get: () => facts });
  const { dialed: connections, err } = await ended(`inspect ${words}`, { hosts: named });
  return err ? [err] : connections;
};
afterEach(() => vi.unstubAllEnvs());

test.each<[string, string, object[]]>([
  ["a name alone", "gpu01", [{ host: "gpu01" }]],
  ["user and port as in ssh", "ops@gpu01:2222", [{ host: "gpu01", user: "ops", port: 2222 }]],
  [
    "a range",
    "ops@gpu[01-03].example",
    ["gpu01.example", "gpu02.example", "gpu03.example"].map((host) => ({ host, user: "ops" })),
  ],
  [
    "addresses",
    "10.0.0.1 fe80::1 [fe80::1]:22",
    [{ host: "10.0.0.1" }, { host: "fe80::1" }, { host: "fe80::1", port: 22 }],
  ],
  [
    "options for all hosts",
    "gpu01 root@gpu02 --user ops --port 23 --identity-file ~/k --known-hosts accept-new",
    [
      { host: "gpu01", user: "ops", port: 23, privateKeyPath: "~/k", knownHosts: "accept-new" },
      { host: "gpu02", user: "root", port: 23, privateKeyPath: "~/k", knownHosts: "accept-new" },
    ],
  ],
  ["sudo", "gpu01 --user ops --sudo", [{ host: "gpu01", user: "ops", sudo: {} }]],
  [
    "jump hosts in the order of dialing, with the login but not the port of the others",
    "gpu01 --user ops --port 23 --jump edge,me@inner:24",
    [
      {
        host: "gpu01",
        user: "ops",
        port: 23,
        proxy: { host: "inner", user: "me", port: 24, proxy: { host: "edge", user: "ops" } },
      },
    ],
  ],
])("%s: %s", async (_what, words, connections) => expect(await dialed(words)).toEqual(connections));

test("the sudo password is read from its source, and cannot be given on the command line", async () => {
  vi.stubEnv("SUDO_WORD", "hunter2");
  expect(await dialed("gpu01 --sudo-password env:SUDO_WORD")).toEqual([
    { host: "gpu01", sudo: { password: "hunter2" } },
  ]);
  expect(await dialed("gpu01 --sudo-password hunter2")).toEqual([
    "Could not read the sudo password: --sudo-password names no source. Use env:NAME or file:PATH.\n",
  ]);
});

test.each([
  ["gpu01@ops@x", /"gpu01@ops@x": expected \[user@\]host\[:port\]/],
  ["gpu[01", /unmatched bracket/],
  ["gpu01:99999", /connection\.port: /],
])("%s is reported as an error", async (words, message) =>
  expect(await dialed(words)).toEqual([expect.stringMatching(message)]),
);
