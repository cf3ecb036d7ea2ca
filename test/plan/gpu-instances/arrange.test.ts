import { describe, expect, test } from "vitest";
import type { GpuInstance, GpuInstanceProfile } from "../../../provider/model/facts/mig";
import { arrange } from "../../../provider/plan/gpu-instances/arrange";
import { Random } from "../random";
import { withSeeds } from "../with-seeds";
import { everyDivision, overlaps } from "./every-division";
import { cards } from "./profiles";

type Card = keyof typeof cards;

const byName = (card: Card, name: string): GpuInstanceProfile => {
  const found = cards[card].find((profile) => profile.name === name);
  if (!found) throw new Error(`${card} has no ${name}`);
  return found;
};

/** `1g.5gb@6` */
const instanceOf = (card: Card, text: string, id: number): GpuInstance => {
  const [name, start] = text.split("@") as [string, string];
  const { id: profileId, size } = byName(card, name);
  return { id, profileId, start: Number(start), size };
};

const counts = (card: Card, desired: Record<string, number>) =>
  new Map(Object.entries(desired).map(([name, count]) => [byName(card, name).id, count]));

function arranged(card: Card, existing: string[], fixed: string[], desired: Record<string, number>) {
  const all = [...fixed, ...existing].map((text, id) => instanceOf(card, text, id));
  const found = arrange({
    profiles: cards[card],
    existing: all,
    isFixed: ({ id }) => id < fixed.length,
    desired: counts(card, desired),
  });
  const name = (profileId: number) => cards[card].find(({ id }) => id === profileId)!.name;
  return (
    found && {
      kept: found.kept.map(({ profileId, start }) => `${name(profileId)}@${start}`),
      destroyed: found.destroyed.map(({ profileId, start }) => `${name(profileId)}@${start}`),
      created: found.created.map(({ profile, start }) => `${profile.name}@${start}`),
    }
  );
}

describe("GPU instances are arranged", () => {
  test("larger ones first, from the end, on an empty GPU", () => {
    expect(arranged("A100", [], [], { "1g.5gb": 1, "2g.10gb": 1, "3g.20gb": 1 })).toEqual({
      kept: [],
      destroyed: [],
      created: ["3g.20gb@4", "2g.10gb@2", "1g.5gb@1"],
    });
  });

  test("around instances that are in use, where taking the first free place would fail", () => {
    expect(arranged("A100", [], ["1g.5gb@2"], { "3g.20gb": 1, "2g.10gb": 1, "1g.5gb": 2 })).toEqual({
      kept: ["1g.5gb@2"],
      destroyed: [],
      created: ["3g.20gb@4", "2g.10gb@0", "1g.5gb@3"],
    });
  });

  test("with those that exist, and those that are not needed stay where they are not in the way", () => {
    expect(arranged("A100", ["1g.5gb@6", "1g.5gb@0", "2g.10gb@2"], [], { "1g.5gb": 1, "3g.20gb": 1 })).toEqual({
      kept: ["1g.5gb@0"],
      destroyed: ["1g.5gb@6"],
      created: ["3g.20gb@4"],
    });
  });

  test("not at all, if instances in use leave no room", () => {
    expect(arranged("A100", [], ["1g.5gb@0", "1g.5gb@4"], { "4g.20gb": 1 })).toBeNull();
    expect(arranged("A30", [], ["1g.6gb@0"], { "4g.24gb": 1 })).toBeNull();
  });

  test("not at all, if more is desired than an empty GPU has", () => {
    expect(arranged("A100", [], [], { "1g.5gb+me": 2 })).toBeNull();
    expect(arranged("A30", [], [], { "1g.6gb+me": 1, "2g.12gb+me": 1 })).toBeNull();
    expect(arranged("RTXPRO6000", [], [], { "2g.48gb+gfx": 1, "1g.24gb+gfx": 3 })).toBeNull();
  });

  test.each(Object.keys(cards) as Card[])(
    "exactly if there is an arrangement, with the fewest destroyed: random states of an %s",
    async (card) => {
      const all = everyDivision(cards[card]);
      await withSeeds(300, (seed) => {
        const random = new Random(seed);
        const existing = random.oneOf(all).filter(() => random.chance(60));
        const fixed = new Set(existing.filter(() => random.chance(30)));
        const wanted = random.chance(70) ? random.oneOf(all) : [...random.oneOf(all), ...random.oneOf(all)];
        const desired = new Map<number, number>();
        for (const { profileId } of wanted.filter(() => random.chance(80)))
          desired.set(profileId, (desired.get(profileId) ?? 0) + 1);

        const found = arrange({ profiles: cards[card], existing, isFixed: (one) => fixed.has(one), desired });

        const least = leastDestroyed(all, existing, fixed, desired);
        expect(found?.destroyed.length ?? null).toBe(least);
        if (found) expectSound(found, existing, fixed, desired);
      });
    },
  );
});

const isSame = (one: GpuInstance, other: GpuInstance) => one.profileId === other.profileId && one.start === other.start;

/** Tries every layout; null if none has what is desired. */
function leastDestroyed(
  all: GpuInstance[][],
  existing: GpuInstance[],
  fixed: Set<GpuInstance>,
  desired: ReadonlyMap<number, number>,
): number | null {
  const costs = all
    .filter((layout) => [...fixed].every((one) => layout.some((other) => isSame(one, other))))
    .filter((layout) =>
      [...desired].every(([id, count]) => layout.filter(({ profileId }) => profileId === id).length >= count),
    )
    .map((layout) => existing.filter((one) => !layout.some((other) => isSame(one, other))).length);
  return costs.length ? Math.min(...costs) : null;
}

function expectSound(
  { kept, destroyed, created }: NonNullable<ReturnType<typeof arrange>>,
  existing: GpuInstance[],
  fixed: Set<GpuInstance>,
  desired: ReadonlyMap<number, number>,
): void {
  expect(destroyed.filter((one) => fixed.has(one))).toEqual([]);
  expect(kept.every((one) => existing.includes(one) && !destroyed.includes(one))).toBe(true);
  const after = [
    ...existing.filter((one) => !destroyed.includes(one)),
    ...created.map(({ profile, start, size }) => ({ id: -1, profileId: profile.id, start, size })),
  ];
  after.forEach((one, i) => expect(after.slice(i + 1).some((other) => overlaps(one, other))).toBe(false));
  for (const [id, count] of desired)
    expect(
      kept.filter(({ profileId }) => profileId === id).length +
        created.filter(({ profile }) => profile.id === id).length,
    ).toBe(count);
}
