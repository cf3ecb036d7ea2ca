import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { knownMigOf } from "../../provider/model/known-mig";
import { shortName } from "../../provider/model/vgpu-type";

const typesOf = (deviceId: string, release = 550) =>
  Object.fromEntries(
    knownMigOf(deviceId, release)!.types.map(({ name, profileId, perInstance }) => {
      const profile = knownMigOf(deviceId, release)!.profiles.find(({ id }) => id === profileId)!;
      return [shortName(name), [profile.name, perInstance]];
    }),
  );

test.each([
  [
    "20f1",
    {
      "A100-1-5C": ["1g.5gb", 1],
      "A100-2-10C": ["2g.10gb", 1],
      "A100-3-20C": ["3g.20gb", 1],
      "A100-4-20C": ["4g.20gb", 1],
      "A100-7-40C": ["7g.40gb", 1],
      "A100-1-5CME": ["1g.5gb+me", 1],
      "A100-1-10C": ["1g.10gb", 1],
    },
  ],
  [
    "20b7",
    {
      "A30-1-6C": ["1g.6gb", 1],
      "A30-2-12C": ["2g.12gb", 1],
      "A30-4-24C": ["4g.24gb", 1],
      "A30-1-6CME": ["1g.6gb+me", 1],
      "A30-2-12CME": ["2g.12gb+me", 1],
    },
  ],
  [
    "2335",
    {
      "H200X-1-18C": ["1g.18gb", 1],
      "H200X-1-18CME": ["1g.18gb+me", 1],
      "H200X-1-35C": ["1g.35gb", 1],
      "H200X-2-35C": ["2g.35gb", 1],
      "H200X-3-71C": ["3g.71gb", 1],
      "H200X-4-71C": ["4g.71gb", 1],
      "H200X-7-141C": ["7g.141gb", 1],
    },
  ],
])("the tables have the MIG-backed types of the GPU %s with their GPU instance profiles", (deviceId, types) => {
  expect(typesOf(deviceId)).toEqual(types);
});

test("several vGPUs share a GPU instance of an RTX PRO 6000 from R575 on (B120)", () => {
  expect(typesOf("2bb5", 580)).toMatchObject({ "DC-1-2Q": ["1g.24gb+gfx", 12], "DC-2-48Q": ["2g.48gb+gfx", 1] });
  expect(typesOf("2bb5", 570)).toMatchObject({ "DC-1-2Q": ["1g.24gb+gfx", 1] });
});

test("the tables agree with the stand-in cards of the lab", () => {
  const rows = readFileSync(join(__dirname, "../lab/cards/mig-types.csv"), "utf8").split("\n");
  const expected = rows.flatMap((row) => {
    const [card, id, , , profileId] = row.split(",");
    return /^\d+$/.test(id ?? "") ? [{ card, id: Number(id), profileId: Number(profileId) }] : [];
  });
  const devices: Record<string, string> = { A100: "20f1", RTXPRO6000: "2bb5" };
  const compared = expected.filter(({ card }) => devices[card!]);
  expect(compared.length).toBeGreaterThan(7);
  for (const { card, id, profileId } of compared)
    expect(knownMigOf(devices[card!]!, 580)!.types.find((type) => type.id === id)?.profileId).toBe(profileId);
});

test("a GPU without MIG has none, and one in no table may have", () => {
  expect(knownMigOf("2235", 580)).toBeNull();
  expect(knownMigOf("ffff", 580)).toBeUndefined();
});
