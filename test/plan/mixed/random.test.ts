import { describe, expect, test } from "vitest";
import type { VgpuType } from "../../../provider/model/facts/gpu";
import { shortName, vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { DesiredVgpu, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { assignmentOf } from "../../../provider/plan/vgpu";
import { claimBy } from "../claim";
import { Refused } from "../model/cards";
import { Random } from "../random";
import { withSeeds } from "../with-seeds";
import type { PlacedVgpu } from "./mixed-host";
import { address, isFree, MixedHost, placesFor, sizeOf } from "./mixed-host";

const count = 200;

const refusedByDriver = "refused by the driver";

const guest = { guest: "cad", kind: "libvirt", running: true } as const;

/** A card in either mode, with vGPUs of guests, of other tools and of another stack. */
function randomHost(random: Random, kind: "A40" | "L40S", showsPlaces: boolean): MixedHost {
  const host = new MixedHost(kind, showsPlaces);
  host.isMixed = random.chance(60);
  for (let n = random.below(4); n > 0; n--) {
    const type = random.oneOf(host.types);
    const canBe = host
      .facts()
      .gpus[0]!.functions.some(({ creatable }) => !("unknown" in creatable) && String(type.id) in creatable);
    if (!canBe) continue;
    const vgpu = host.create(random.oneOf(host.freeVfs), type, `there/${n}`);
    if (random.chance(40)) vgpu.users = [guest];
    const record = { uuid: vgpu.uuid, function: vgpu.function, typeId: type.id, boot: "boot-1" };
    if (random.chance(30)) host.records.set(vgpu.uuid, { ...record, owner: "other/stack#00000000" });
  }
  // Room for placements that a full row would not leave.
  host.vgpus = host.vgpus.filter(({ users, uuid }) => users.length || host.records.has(uuid) || random.chance(50));
  return host;
}

/** A layout of any types, or of most of those of the last one and others. */
function randomLayout(random: Random, host: MixedHost, last: readonly DesiredVgpu[] = []): VgpuGoal {
  const large = host.types.filter((type) => sizeOf(type) >= 4);
  const desired: DesiredVgpu[] = random.chance(60) ? last.filter(() => random.chance(70)) : [];
  for (let n = random.below(4); n > 0; n--) {
    const { name, maxInstances } = random.oneOf(large);
    const type = vgpuTypeName(shortName(name!));
    if (desired.some((one) => one.type === type)) continue;
    for (let i = random.below(Math.min(maxInstances!, 4) + 1); i > 0; i--)
      desired.push({ uuid: `${type}/${i}`, type, interchangeable: true });
  }
  const obsolete = host.vgpus.flatMap(({ uuid, function: at, type }) => {
    const record = host.records.get(uuid);
    if (record?.owner !== "me" || desired.some((one) => one.uuid === uuid)) return [];
    return [{ uuid, function: at, typeId: type.id, adopted: record.adopted }];
  });
  const gpu = { address };
  return { kind: "vgpus", key: "layout", claim: claimBy("me"), gpu, managesWholeGpu: true, desired, obsolete };
}

/** Returns whether these have places next to what is there, whatever the driver chooses. */
function hasPlaces([type, ...others]: readonly VgpuType[], present: readonly PlacedVgpu[]): boolean {
  if (!type) return true;
  return placesFor(type).some(
    (place) => isFree(place, type, present) && hasPlaces(others, [...present, { ...someVgpu, type, place }]),
  );
}

const someVgpu = { uuid: "", function: address, users: [] };

const stateOf = ({ isMixed, vgpus, records }: MixedHost) => structuredClone([isMixed, vgpus, [...records]]);

/** Returns the vGPUs that cannot be removed, and the types that are to be created in addition or again. */
function futureOf(host: MixedHost, { desired }: VgpuGoal): { fixed: PlacedVgpu[]; others: VgpuType[] } {
  const left = desired.map(({ type }) => host.types.find(({ name }) => shortName(name!) === type)!);
  const take = ({ type }: PlacedVgpu) => {
    const at = left.indexOf(type);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  };
  const recordOf = ({ uuid }: PlacedVgpu) => host.records.get(uuid);
  const mine = host.vgpus.filter((vgpu) => recordOf(vgpu)?.owner === "me");
  const inUse = mine.filter(({ users }) => users.length);
  const adopted = mine.filter((vgpu) => !inUse.includes(vgpu) && recordOf(vgpu)?.adopted);
  const foreign = host.vgpus.filter((vgpu) => !mine.includes(vgpu));
  for (const vgpu of inUse) take(vgpu);
  for (const vgpu of adopted) take(vgpu);
  for (const vgpu of foreign) if (!vgpu.users.length && !recordOf(vgpu)) take(vgpu);
  return { fixed: [...inUse, ...adopted, ...foreign], others: left };
}

/**
 * Carries the plan of a layout out, as `up` does. Returns why it is blocked; null if it is not.
 *
 * @param cut after how many steps it is interrupted, and another `up` continues
 */
function up(host: MixedHost, layout: VgpuGoal, cut?: number): string | null {
  const isForeign = (uuid: string) => host.records.has(uuid) && host.records.get(uuid)?.owner !== "me";
  const inUse = host.vgpus.filter(({ users, uuid }) => users.length || isForeign(uuid));
  const { steps, blockers, notes } = plan(host.facts(), [layout]);
  const isUnsure = notes.some(({ message }) => /does not show where .* may refuse/.test(message));
  if (blockers.length) {
    expect(steps).toEqual([]);
    return blockers[0]!.reason;
  }
  try {
    for (const { command } of steps.slice(0, cut)) host.run(command);
  } catch (error) {
    // The preview has announced it, and nothing was removed only to be created again.
    expect([error, isUnsure, host.kind]).toEqual([expect.any(Refused), true, "A40"]);
    expect(steps.filter(({ reason }) => /is needed for others/.test(reason))).toEqual([]);
    expect(inUse.filter((vgpu) => !host.vgpus.includes(vgpu))).toEqual([]);
    return refusedByDriver;
  }
  expect(inUse.filter((vgpu) => !host.vgpus.includes(vgpu))).toEqual([]);
  if (cut !== undefined) {
    const refusal = up(host, layout);
    return refusal && isUnsure ? refusedByDriver : refusal;
  }
  const again = plan(host.facts(), [layout]);
  expect([again.steps.map(({ title }) => title), again.blockers]).toEqual([[], []]);
  expect(assignmentOf(host.facts(), layout).assignments.filter(({ vgpu }) => !vgpu)).toEqual([]);
  return null;
}

describe.each([
  ["an A40", "A40", true],
  ["an A40 of which the places of vGPUs are hidden", "A40", false],
  ["an L40S", "L40S", true],
] as const)("framebuffer sizes of %s in any state, and any layouts", (_, kind, showsPlaces) => {
  test("one up is enough, also after one that was interrupted, touches nothing in use, and is refused as a whole only where there are no places", async () => {
    let [done, refused] = [0, 0];
    await withSeeds(count, (seed) => {
      const random = new Random(seed);
      const host = randomHost(random, kind, showsPlaces);
      let layout: VgpuGoal | undefined;
      for (let round = 0; round < 4; round++) {
        layout = randomLayout(random, host, layout?.desired);
        const before = stateOf(host);
        const { fixed, others } = futureOf(host, layout);
        const refusal = up(host, layout, random.chance(40) ? random.below(10) : undefined);
        if (refusal === null) done++;
        else if (refusal === refusedByDriver) break;
        else {
          refused++;
          expect(stateOf(host)).toEqual(before);
          const isCertain = showsPlaces && /has no places/.test(refusal);
          if (isCertain) expect([refusal, hasPlaces(bySize(others), fixed)]).toEqual([refusal, false]);
        }
        for (const vgpu of host.vgpus) if (random.chance(15)) vgpu.users = vgpu.users.length ? [] : [guest];
      }
    });
    expect([done > count / 4, refused > count / 4]).toEqual([true, true]);
  });
});

const bySize = (types: readonly VgpuType[]) => [...types].sort((one, other) => sizeOf(other) - sizeOf(one));
