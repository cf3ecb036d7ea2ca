import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { driftText, FleetPreview, previewJson, previewMarkdown, previewText } from "../../provider/report";
import { fleets } from "./fleets";

const read = (file: string) => readFileSync(join(__dirname, "expected", file), "utf8");

describe.each(Object.entries(fleets))("%s", (name, { title, previews }) => {
  test(title, () => expect(`${previewText(previews).text}\n`).toBe(read(`${name}.txt`)));

  test("it reads the same as Markdown", () => expect(previewMarkdown(previews)).toBe(read(`${name}.md`)));

  test("its drift is listed by host", () => expect(`${driftText(previews)}\n`).toBe(read(`${name}.drift.txt`)));

  test("the order of the hosts does not change the report", () => {
    const reversed = [...previews].reverse();
    expect(previewText(reversed)).toEqual(previewText(previews));
    expect(previewMarkdown(reversed)).toBe(previewMarkdown(previews));
    expect(previewJson(reversed)).toEqual(previewJson(previews));
  });

  test("its JSON matches the schema", () => {
    const json: unknown = JSON.parse(JSON.stringify(previewJson(previews)));
    expect(FleetPreview.parse(json)).toEqual(json);
  });
});

test("the JSON has all steps of each host, also those of hosts with the same plan", () => {
  const { summary, hosts } = previewJson(fleets["forty-hosts"]!.previews);
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
    reason: "missing",
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
  ["in-sync", false],
  ["adopted-only", false],
])("%s: isBlocked is %s", (name, isBlocked) => expect(previewText(fleets[name]!.previews).isBlocked).toBe(isBlocked));

test("an unreachable host blocks a fleet; a host in maintenance or a pending one does not", () => {
  expect(previewText([{ host: "a", status: "unreachable", reason: "x" }]).isBlocked).toBe(true);
  expect(previewText([{ host: "a", status: "maintenance", reason: "x" }]).isBlocked).toBe(false);
  expect(previewText([{ host: "a", status: "pending", waitingFor: "connection" }]).isBlocked).toBe(false);
});
