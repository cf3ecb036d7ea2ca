import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { driftInText, FleetOutlook, inJson, inMarkdown, inText } from "../../../provider/outlook/telling";
import { fleets } from "./fleets";

const read = (file: string) => readFileSync(join(__dirname, "expected", file), "utf8");

describe.each(Object.entries(fleets))("%s", (name, { says, outlooks }) => {
  test(says, () => expect(`${inText(outlooks).text}\n`).toBe(read(`${name}.txt`)));

  test("the same for a comment on a pull request", () => expect(inMarkdown(outlooks)).toBe(read(`${name}.md`)));

  test("the same as differences", () => expect(`${driftInText(outlooks)}\n`).toBe(read(`${name}.drift.txt`)));

  test("reads the same in whatever order hosts were looked at", () => {
    const reversed = [...outlooks].reverse();
    expect(inText(reversed)).toEqual(inText(outlooks));
    expect(inMarkdown(reversed)).toBe(inMarkdown(outlooks));
    expect(inJson(reversed)).toEqual(inJson(outlooks));
  });

  test("its JSON is what its schema says", () => {
    const json: unknown = JSON.parse(JSON.stringify(inJson(outlooks)));
    expect(FleetOutlook.parse(json)).toEqual(json);
  });
});

test("the JSON has each host with all its steps, however alike they are", () => {
  const { summary, hosts } = inJson(fleets["forty-hosts"]!.outlooks);
  expect(summary).toMatchObject({ hosts: 40, withChanges: 38, toReboot: 38, blocked: 1, inMaintenance: 1, asDeclared: 0, vgpusToAdopt: 0, twins: [] });
  expect(hosts.map(({ host }) => host)).toEqual([...hosts.map(({ host }) => host)].sort());
  expect(hosts[0]).toMatchObject({ host: "gpu01.rack2.example", is: "seen", adoptions: [], blockers: [] });
  expect(hosts[0]).toHaveProperty("changes.length", 15);
  expect(hosts[0]).toHaveProperty("changes.7", {
    does: "create L40S-12Q 00000010-1111-4222-8333-444444444444 on 0000:41:00.4", because: "there is none yet",
    device: "00000010-1111-4222-8333-444444444444", reboots: false,
  });
  expect(hosts[16]).toMatchObject({ host: "gpu17.rack2.example", changes: [], blockers: [{ next: expect.stringContaining("Shut the guest down") }] });
  expect(hosts[22]).toEqual({ host: "gpu23.rack2.example", is: "in maintenance", because: "DIMM, ticket 4711" });
});

test.each([
  ["all-kinds", true], ["forty-hosts", true], ["as-declared", false], ["adopted-only", false],
])("%s: whether something stands in the way is %s", (name, isBlocked) => expect(inText(fleets[name]!.outlooks).isBlocked).toBe(isBlocked));

test("a host that is away stands in the way; one that is left alone, or not known yet, does not", () => {
  expect(inText([{ host: "a", is: "away", because: "x" }]).isBlocked).toBe(true);
  expect(inText([{ host: "a", is: "in maintenance", because: "x" }]).isBlocked).toBe(false);
  expect(inText([{ host: "a", is: "unknown", waitsFor: "connection" }]).isBlocked).toBe(false);
});
