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

test("a name from the host cannot steer the terminal", async () => {
  const gpus = a40.gpus.map((gpu) => ({ ...gpu, model: "A40\u001b[2J" }));
  expect((await ended("inspect gpu01", { hosts: { gpu01: { ...a40, gpus } } })).out).toContain("A40\\x1b[2J");
});

test("a host without a GPU says so", async () => {
  expect((await ended("inspect gpu01", { hosts: { gpu01: { ...a40, gpus: [], vgpus: [] } } })).out).toContain(
    "\n  no NVIDIA GPU is seen\n",
  );
});

test("a host that is away is an error, and hides no other", async () => {
  const { out, err, code } = await ended("inspect gpu01 gpu02", { hosts: { gpu02: a40 } });
  expect(out).toMatch(/^gpu02\n/);
  expect(err).toBe("gpu01 away: Could not connect on gpu01: it does not answer. Start it.\n");
  expect(code).toBe(1);
});

test("the facts themselves, by host, for programs", async () => {
  const { out } = await ended("inspect gpu01 gpu02 --json", { hosts: { gpu01: a40 } });
  const { gpu01, gpu02 } = JSON.parse(out) as Record<string, unknown>;
  expect(HostFacts.parse(gpu01)).toEqual(a40);
  expect(gpu02).toEqual({ away: "Could not connect on gpu02: it does not answer. Start it." });
});

describe("the hosts of a fleet file", () => {
  const hosts = {
    "gpu01.rack2.example": a40,
    "gpu02.rack2.example": a40,
    "gpu03.rack2.example": a40,
    "t4.example": captured("ubuntu-22.04-t4"),
  };

  test("are reached as it says, and those in maintenance left alone", async () => {
    const { out, err, dialed, code } = await ended(`inspect --fleet ${file}`, { hosts });
    expect(dialed).toEqual([
      { host: "gpu01.rack2.example", user: "ops", knownHosts: "off" },
      { host: "gpu02.rack2.example", user: "ops", knownHosts: "off" },
      { host: "t4.example", user: "ops", knownHosts: "off", port: 2222 },
    ]);
    expect(out.match(/^\S+$/gm)).toEqual(["gpu01.rack2.example", "gpu02.rack2.example", "t4.example"]);
    expect([err, code]).toEqual(["gpu03.rack2.example: maintenance (fan, ticket 12)\n", 0]);
  });

  test("may be chosen", async () => {
    const { dialed } = await ended(`inspect --fleet ${file} --host gpu[01-02].rack2.example`, { hosts });
    expect(dialed.map(({ host }) => host)).toEqual(["gpu01.rack2.example", "gpu02.rack2.example"]);
  });
});

test.each([
  ["inspect", /^Could not inspect hosts: no host is given\. Name hosts, or a file with --fleet\.\n$/],
  [`inspect gpu01 --fleet ${file}`, /hosts and a fleet file are given/],
  ["inspect gpu01 --json --as-fleet", /option '--json' cannot be used with option '--as-fleet'/],
])("%s is a mistake", async (words, err) =>
  expect(await ended(words)).toMatchObject({ code: 1, out: "", err: expect.stringMatching(err) }),
);
