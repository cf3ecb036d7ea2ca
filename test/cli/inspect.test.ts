import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HostFacts } from "../../provider/model/facts/host-facts";
import { captured, captures, ended } from "./io";

const file = join(__dirname, "fleet.yaml");
const a40 = captured("debian-12-a40-mdev");

test.each(captures)("%s reads as a table", async (name) => {
  const { out, code, err } = await ended(`inspect ${name}`, { hosts: { [name]: captured(name) } });
  expect(out).toBe(readFileSync(join(__dirname, "tables", `${name}.txt`), "utf8"));
  expect([code, err]).toEqual([0, ""]);
});

test("control characters in names from the host are escaped", async () => {
  const gpus = a40.gpus.map((gpu) => ({ ...gpu, model: "A40\u001b[2J" }));
  expect((await ended("inspect gpu01", { hosts: { gpu01: { ...a40, gpus } } })).out).toContain("A40\\x1b[2J");
});

test("a host without a GPU is reported as such", async () => {
  expect((await ended("inspect gpu01", { hosts: { gpu01: { ...a40, gpus: [], vgpus: [] } } })).out).toContain(
    "\n  no NVIDIA GPU found\n",
  );
});

test("an unreachable host is an error, and the others are still shown", async () => {
  const { out, err, code } = await ended("inspect gpu01 gpu02", { hosts: { gpu02: a40 } });
  expect(out).toMatch(/^gpu02\n/);
  expect(err).toBe("gpu01 unreachable: Could not connect on gpu01: it does not answer. Start it.\n");
  expect(code).toBe(1);
});

test("--json prints all facts by host", async () => {
  const { out } = await ended("inspect gpu01 gpu02 --json", { hosts: { gpu01: a40 } });
  const { gpu01, gpu02 } = JSON.parse(out) as Record<string, unknown>;
  expect(HostFacts.parse(gpu01)).toEqual(a40);
  expect(gpu02).toEqual({ unreachable: "Could not connect on gpu02: it does not answer. Start it." });
});

describe("the hosts of a fleet file", () => {
  const hosts = {
    "gpu01.rack2.example": a40,
    "gpu02.rack2.example": a40,
    "gpu03.rack2.example": a40,
    "t4.example": captured("ubuntu-22.04-t4"),
  };

  test("are reached with the connections of the file, except those in maintenance", async () => {
    const { out, err, dialed, code } = await ended(`inspect --fleet ${file}`, { hosts });
    expect(dialed).toEqual([
      { host: "gpu01.rack2.example", user: "ops", knownHosts: "off" },
      { host: "gpu02.rack2.example", user: "ops", knownHosts: "off" },
      { host: "t4.example", user: "ops", knownHosts: "off", port: 2222 },
    ]);
    expect(out.match(/^\S+$/gm)).toEqual(["gpu01.rack2.example", "gpu02.rack2.example", "t4.example"]);
    expect([err, code]).toEqual(["gpu03.rack2.example in maintenance: fan, ticket 12\n", 0]);
  });

  test("can be selected with --host", async () => {
    const { dialed } = await ended(`inspect --fleet ${file} --host gpu[01-02].rack2.example`, { hosts });
    expect(dialed.map(({ host }) => host)).toEqual(["gpu01.rack2.example", "gpu02.rack2.example"]);
  });
});

test.each([
  ["inspect", /^Could not inspect hosts: no host is given\. Name hosts, or a file with --fleet\.\n$/],
  [`inspect gpu01 --fleet ${file}`, /both hosts and a fleet file are given/],
  ["inspect gpu01 --json --as-fleet", /option '--json' cannot be used with option '--as-fleet'/],
])("%s is reported as an error", async (words, err) =>
  expect(await ended(words)).toMatchObject({ code: 1, out: "", err: expect.stringMatching(err) }),
);
