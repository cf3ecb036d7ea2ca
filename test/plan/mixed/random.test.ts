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

const guest = { guest: "cad", kind: "libvirt", running: true } as const;

/** A card in either mode, with vGPUs of guests, of other tools and of another stack. */
function randomHost(random: Random, kind: "A40" | "L40S"): MixedHost {
  const host = new MixedHost(kind);
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

function randomLayout(random: Random, host: MixedHost): VgpuGoal {
  const large = host.types.filter((type) => sizeOf(type) >= 4);
  const desired: DesiredVgpu[] = [];
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

/**
 * Carries the plan of a layout out, as `up` does. Returns why it is blocked; null if it is not.
 *
 * @param cut after how many steps it is interrupted, and another `up` continues
 */
function up(host: MixedHost, layout: VgpuGoal, cut?: number): string | null {
  const isForeign = (uuid: string) => host.records.has(uuid) && host.records.get(uuid)?.owner !== "me";
  const inUse = host.vgpus.filter(({ users, uuid }) => users.length || isForeign(uuid));
  const { steps, blockers } = plan(host.facts(), [layout]);
  if (blockers.length) {
    expect(steps).toEqual([]);
    return blockers[0]!.reason;
  }
  const [framework] = host.facts().vgpus.map((vgpu) => vgpu.framework);
  try {
    for (const { command } of steps.slice(0, cut)) host.run(command);
  } catch (error) {
    // With mdev the driver does not show where those are that stay, so a creation next to them may be refused.
    expect([error, framework, host.isMixed]).toEqual([expect.any(Refused), "mdev", true]);
    return "refused by the driver";
  }
  expect(inUse.filter((vgpu) => !host.vgpus.includes(vgpu))).toEqual([]);
  if (cut !== undefined) return up(host, layout);
  const again = plan(host.facts(), [layout]);
  expect([again.steps.map(({ title }) => title), again.blockers]).toEqual([[], []]);
  expect(assignmentOf(host.facts(), layout).assignments.filter(({ vgpu }) => !vgpu)).toEqual([]);
  return null;
}

describe.each(["A40", "L40S"] as const)("framebuffer sizes of an %s in any state, and any layouts", (kind) => {
  test("one up is enough, also after one that was interrupted, touches nothing in use, and is refused as a whole only where there are no places", async () => {
    let [done, refused] = [0, 0];
    await withSeeds(200, (seed) => {
      const random = new Random(seed);
      const host = randomHost(random, kind);
      const isEmpty = !host.vgpus.length;
      for (let round = 0; round < 3; round++) {
        const layout = randomLayout(random, host);
        const before = stateOf(host);
        const refusal = up(host, layout, random.chance(40) ? random.below(10) : undefined);
        if (refusal === null) done++;
        else if (refusal === "refused by the driver") break;
        else {
          refused++;
          expect(stateOf(host)).toEqual(before);
          const types = layout.desired
            .map(({ type }) => host.types.find(({ name }) => shortName(name!) === type)!)
            .sort((one, other) => sizeOf(other) - sizeOf(one));
          const isOneSize = new Set(types.map(sizeOf)).size === 1;
          if (isEmpty && round === 0 && !isOneSize) expect(hasPlaces(types, [])).toBe(false);
        }
        for (const vgpu of host.vgpus) if (random.chance(15)) vgpu.users = vgpu.users.length ? [] : [guest];
      }
    });
    expect([done > 60, refused > 60]).toEqual([true, true]);
  });
});
