import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { driftText, FleetPreview, previewJson, previewMarkdown, previewText } from "../../provider/report";
import { fleets } from "./fleets";

const read = (file: string) => readFileSync(join(__dirname, "expected", file), "utf8");

describe.each(Object.entries(fleets))("%s", (name, { title, outlooks }) => {
  test(title, () => expect(`${previewText(outlooks).text}\n`).toBe(read(`${name}.txt`)));

  test("the same for a comment on a pull request", () => expect(previewMarkdown(outlooks)).toBe(read(`${name}.md`)));

  test("the same as differences", () => expect(`${driftText(outlooks)}\n`).toBe(read(`${name}.drift.txt`)));

  test("reads the same in whatever order hosts were looked at", () => {
    const reversed = [...outlooks].reverse();
    expect(previewText(reversed)).toEqual(previewText(outlooks));
    expect(previewMarkdown(reversed)).toBe(previewMarkdown(outlooks));
    expect(previewJson(reversed)).toEqual(previewJson(outlooks));
  });

  test("its JSON is what its schema says", () => {
    const json: unknown = JSON.parse(JSON.stringify(previewJson(outlooks)));
    expect(FleetPreview.parse(json)).toEqual(json);
  });
});

test("the JSON has each host with all its steps, however alike they are", () => {
  const { summary, hosts } = previewJson(fleets["forty-hosts"]!.outlooks);
  expect(summary).toMatchObject({
    hosts: 40,
    withChanges: 38,
    toReboot: 38,
    blocked: 1,
    inMaintenance: 1,
    inSync: 0,
    vgpusToAdopt: 0,
    duplicateHosts: [],
  });
  expect(hosts.map(({ host }) => host)).toEqual([...hosts.map(({ host }) => host)].sort());
  expect(hosts[0]).toMatchObject({ host: "gpu01.rack2.example", status: "reachable", adoptions: [], blockers: [] });
  expect(hosts[0]).toHaveProperty("changes.length", 15);
  expect(hosts[0]).toHaveProperty("changes.7", {
    title: "create L40S-12Q 00000010-1111-4222-8333-444444444444 on 0000:41:00.4",
    reason: "there is none yet",
    device: "00000010-1111-4222-8333-444444444444",
    requiresReboot: false,
  });
  expect(hosts[16]).toMatchObject({
    host: "gpu17.rack2.example",
    changes: [],
    blockers: [{ hint: expect.stringContaining("Shut the guest down") }],
  });
  expect(hosts[22]).toEqual({ host: "gpu23.rack2.example", status: "maintenance", reason: "DIMM, ticket 4711" });
});

test.each([
  ["all-kinds", true],
  ["forty-hosts", true],
  ["as-declared", false],
  ["adopted-only", false],
])("%s: whether something stands in the way is %s", (name, isBlocked) =>
  expect(previewText(fleets[name]!.outlooks).isBlocked).toBe(isBlocked),
);

test("a host that is away stands in the way; one that is left alone, or not known yet, does not", () => {
  expect(previewText([{ host: "a", status: "unreachable", reason: "x" }]).isBlocked).toBe(true);
  expect(previewText([{ host: "a", status: "maintenance", reason: "x" }]).isBlocked).toBe(false);
  expect(previewText([{ host: "a", status: "pending", waitingFor: "connection" }]).isBlocked).toBe(false);
});
