import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { parseFleet } from "../../provider/fleet";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import { hostWithA100 } from "../plan/mig/a100";
import type { Case } from "../plan/vgpu/case";
import { caseHost } from "../plan/vgpu/case";
import { captured, captures, ended } from "./io";

const written = (name: string) => readFileSync(join(__dirname, "fleet-files", `${name}.yaml`), "utf8");
const folder = mkdtempSync(join(tmpdir(), "as-fleet-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Gives facts an identity of their own. */
const machine = (facts: HostFacts, id: string): HostFacts => ({
  ...facts,
  system: { ...facts.system, identity: { ...facts.system.identity, productUuid: id, machineId: id } },
});
const made = (id: string, ...host: NonNullable<Case["host"]>) => machine(caseHost({ title: "", goals: [], host }), id);

const uuid = (number: number) => `0000000${number}-1111-4222-8333-444444444444`;
const alike = (id: string) =>
  made(
    id,
    { card: "A40@0000:41:00.0", carries: [0, 1, 2].map((on) => ({ type: "A40-8Q", on, uuid: uuid(on) })) },
    { card: "A40@0000:c1:00.0" },
    { card: "T4@0000:3b:00.0" },
  );

/** Hosts by the name of the fleet file that describes them. */
const fleets: Record<string, { words: string; hosts: Record<string, HostFacts> }> = {
  alike: {
    words: "gpu[01-03].example t4.example --user ops --sudo --identity-file ~/.ssh/id_ed25519 --jump edge.example",
    hosts: {
      "gpu01.example": alike("1"),
      "gpu02.example": alike("2"),
      "gpu03.example": alike("3"),
      "t4.example": made("4", {
        card: "T4@0000:3b:00.0",
        carries: [{ type: "T4-2Q", on: "0000:3b:00.0", uuid: uuid(9) }],
      }),
    },
  },
  claimed: {
    words: "gpu01.example l40s.example",
    hosts: {
      "gpu01.example": made("1", {
        card: "A40@0000:41:00.0",
        carries: [
          { type: "A40-4Q", on: 0, uuid: uuid(1) },
          { type: "A40-4Q", on: 3, uuid: uuid(2), owner: "acme/prod#7f3a" },
          {
            type: "A40-4Q",
            on: 5,
            uuid: uuid(3),
            parameters: "frame_rate_limiter=0, disable_vnc=1",
            users: ["web running"],
          },
        ],
      }),
      "l40s.example": made("2", {
        card: "L40S@0000:82:00.0",
        carries: [
          { type: "L40S-12Q", on: 1 },
          { type: "L40S-12Q", on: 2, uuid: uuid(4), owner: "acme/prod#7f3a" },
          { type: "L40S-12Q", on: 7, parameters: "enable_uvm=1" },
        ],
      }),
    },
  },
  divided: {
    words: "a100-full.example a100-empty.example a100-free.example",
    hosts: {
      "a100-full.example": machine(
        hostWithA100({ instances: [[9, 4]], vgpus: [{ type: "3-20C", on: 0, instance: 10 }] }),
        "1",
      ),
      "a100-empty.example": machine(hostWithA100(), "2"),
      "a100-free.example": machine(
        hostWithA100({
          instances: [
            [14, 4],
            [14, 2],
            [19, 0],
          ],
          vgpus: [{ type: "2-10C", on: 0, instance: 10 }],
        }),
        "3",
      ),
    },
  },
  captures: {
    words: captures.join(" "),
    hosts: Object.fromEntries(captures.map((name) => [name, machine(captured(name), name)])),
  },
};

describe.each(Object.entries(fleets))("%s", (name, { words, hosts }) => {
  test("hosts are described by a fleet file", async () =>
    expect((await ended(`inspect ${words} --as-fleet`, { hosts })).out).toBe(written(name)));

  test("the fleet file contains the same hosts", () => {
    expect(
      parseFleet(written(name), name)
        .hosts.map((host) => host.name)
        .sort(),
    ).toEqual(Object.keys(hosts).sort());
  });
});

describe("the first plan for it", () => {
  const plan = async (host: string, facts: HostFacts) => {
    const hosts = { [host]: facts };
    const file = join(folder, `${host}.yaml`);
    const described = await ended(`inspect ${host} --as-fleet`, { hosts });
    writeFileSync(file, described.out);
    return { described, planned: await ended(`plan ${file}`, { hosts }) };
  };

  test.each([
    ...Object.entries(fleets.alike!.hosts),
    ...Object.entries(fleets.claimed!.hosts),
    ...captures.filter((name) => name !== "ubuntu-22.04-t4").map((name) => [name, captured(name)] as const),
  ])("changes nothing on %s", async (host, facts) => {
    const { described, planned } = await plan(host, facts);
    expect([described.code, described.err]).toEqual([0, ""]);
    expect(planned.out).toMatch(/^Fleet of 1 host: all in sync\.\n/);
    expect(planned.code).toBe(0);
  });

  test("repairs problems of a host, and inspect reports them with the file", async () => {
    const { described, planned } = await plan("ubuntu-22.04-t4", captured("ubuntu-22.04-t4"));
    expect(described.err).toContain("the kernel 5.15.0-122-generic boots next and has no modules of 535.230.02");
    expect([described.code, planned.code]).toEqual([2, 2]);
  });

  test("adopts vGPUs without a record, and changes nothing else", async () => {
    const { planned } = await plan("gpu01.example", fleets.claimed!.hosts["gpu01.example"]!);
    expect(planned.out).toContain("gpu01.example: 2 vGPUs adopted.");
  });
});

test("secrets remain references", async () => {
  const file = join(folder, "with-secrets.yaml");
  writeFileSync(
    file,
    "version: 1\nhosts: {t4.example: {connection: {password: {env: VGPU_PASSWORD}, sudo: {password: {env: VGPU_PASSWORD}}}}}\n",
  );
  vi.stubEnv("VGPU_PASSWORD", "hunter2");
  const { out, dialed, err } = await ended(`inspect --fleet ${file} --as-fleet`, { hosts: fleets.alike!.hosts });
  vi.unstubAllEnvs();
  expect(dialed).toEqual([{ host: "t4.example", password: "hunter2", sudo: { password: "hunter2" } }]);
  expect(out).not.toContain("hunter2");
  expect(parseFleet(out, "x").hosts[0]!.connection).toMatchObject({
    password: { env: "VGPU_PASSWORD" },
    sudo: { password: { env: "VGPU_PASSWORD" } },
  });
  expect(err).toBe("");
});

test("unreachable hosts are reported, and the others are described", async () => {
  const { out, err, code } = await ended("inspect gpu09.example t4.example --as-fleet", { hosts: fleets.alike!.hosts });
  expect(parseFleet(out, "x").hosts.map(({ name }) => name)).toEqual(["t4.example"]);
  expect(err).toMatch(/^gpu09\.example unreachable: /);
  expect(code).toBe(1);
  expect(await ended("inspect gpu09.example --as-fleet")).toMatchObject({ code: 1, out: "" });
});
