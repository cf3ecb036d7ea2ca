import { describe, expect, test } from "vitest";
import type { GpuInstanceProfile } from "../../../provider/model/facts/mig";
import { shortName, vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { Goal, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { assignmentOf } from "../../../provider/plan/vgpu";
import { claimBy } from "../claim";
import { everyDivision } from "../gpu-instances/every-division";
import { Random } from "../random";
import { withSeeds } from "../with-seeds";
import type { MigCard } from "./mig-host";
import { address, MigHost } from "./mig-host";

const guest = { guest: "web", kind: "libvirt", running: true } as const;

/** A card in any state: MIG mode and VFs on or off, divided at random, with vGPUs of guests, of other tools and of another stack. */
function randomHost(random: Random, card: MigCard): MigHost {
  const host = new MigHost(card, random.chance(60));
  host.isOn = random.chance(80);
  if (host.isOn) {
    for (const { profileId, start } of random.oneOf(divisionsOf(card)).filter(() => random.chance(70)))
      host.divide(profileId, start);
    for (const { profileId } of [...host.instances]) {
      const types = host.known.types.filter((type) => type.profileId === profileId);
      if (!types.length || random.chance(50)) continue;
      const vgpu = host.create(random.oneOf(host.freeVfs), random.oneOf(types), `there/${host.vgpus.length}`);
      if (random.chance(50)) vgpu.users = [guest];
      const record = { uuid: vgpu.uuid, function: vgpu.function, typeId: vgpu.type.id, boot: "boot-1" };
      if (random.chance(30)) host.records.set(vgpu.uuid, { ...record, owner: "other/stack#00000000" });
    }
  }
  if (!host.vgpus.length) host.hasVfs = random.chance(80);
  return host;
}

const divisions = new Map<MigCard, ReturnType<typeof everyDivision>>();

function divisionsOf(card: MigCard) {
  const known = divisions.get(card) ?? everyDivision(new MigHost(card, true).known.profiles);
  divisions.set(card, known);
  return known;
}

function randomGoals(random: Random, host: MigHost): { base: Goal[]; layout: VgpuGoal } {
  const wanted = random.oneOf(divisionsOf(host.card)).filter(() => random.chance(70));
  if (random.chance(15)) wanted.push(...random.oneOf(divisionsOf(host.card)));
  const gpuInstances: Record<string, number> = {};
  const desired = wanted.flatMap(({ profileId }, i) => {
    const types = host.known.types.filter((type) => type.profileId === profileId);
    if (types.length && random.chance(80))
      return [{ uuid: `new/${i}`, type: vgpuTypeName(shortName(random.oneOf(types).name)), interchangeable: true }];
    gpuInstances[profileId] = (gpuInstances[profileId] ?? 0) + 1;
    return [];
  });
  const common = { claim: claimBy("me") };
  const gpu = { address };
  return {
    base: [
      { ...common, kind: "mig", key: "mig", arguments: { enabled: [gpu], disabled: [], reboot: "never" } },
      { ...common, kind: "sriov", key: "vfs", state: "enabled", gpus: [gpu] },
    ],
    layout: {
      ...common,
      kind: "vgpus",
      key: "layout",
      gpu,
      managesWholeGpu: true,
      desired,
      obsolete: [],
      gpuInstances,
    },
  };
}

/** Carries the plan of one resource out, as `up` does. Returns false if it is blocked. */
function apply(host: MigHost, goal: Goal): boolean {
  const { steps, blockers } = plan(host.facts(), [goal]);
  if (blockers.length) {
    expect(steps).toEqual([]);
    return false;
  }
  for (const { command } of steps) host.run(command);
  const again = plan(host.facts(), [goal]);
  expect([again.steps.map(({ title }) => title), again.blockers]).toEqual([[], []]);
  return true;
}

/** Returns whether a division has these instances where they are, and as many of each profile as are desired. */
function isDivisible(card: MigCard, host: MigHost, desired: ReadonlyMap<number, number>): boolean {
  const used = new Set(host.vgpus.map(({ instance }) => instance));
  return divisionsOf(card).some(
    (division) =>
      [...used].every((one) =>
        division.some((other) => other.profileId === one.profileId && other.start === one.start),
      ) && [...desired].every(([id, count]) => division.filter(({ profileId }) => profileId === id).length >= count),
  );
}

describe.each(["A100", "A30"] as const)("an %s in any state, and any layout", (card) => {
  test("one up is enough, touches nothing in use, and is refused as a whole only where no division of the card has room", async () => {
    let [done, refused] = [0, 0];
    await withSeeds(150, (seed) => {
      const random = new Random(seed);
      const host = randomHost(random, card);
      const { base, layout } = randomGoals(random, host);
      const inUse = host.vgpus.filter(({ users, uuid }) => users.length || host.records.has(uuid));
      const areAllThere = () => expect(inUse.filter((vgpu) => !host.vgpus.includes(vgpu))).toEqual([]);

      const isReady = base.every((goal) => apply(host, goal));
      areAllThere();
      if (!isReady) return;
      const before = structuredClone([host.instances, host.vgpus, [...host.records]]);
      const isDone = apply(host, layout);
      areAllThere();
      if (isDone) {
        done++;
        expect(assignmentOf(host.facts(), layout).assignments.filter(({ vgpu }) => !vgpu)).toEqual([]);
      } else {
        refused++;
        expect([host.instances, host.vgpus, [...host.records]]).toEqual(before);
        // Where the driver does not show the instances of vGPUs, all of their profile count as used.
        if (host.showsInstances) expect(isDivisible(card, host, neededBy(host, layout))).toBe(false);
      }
    });
    expect([done > 20, refused > 5]).toEqual([true, true]);
  });
});

/** Returns profile id to the number of instances that the card needs for what stays and what is declared. */
function neededBy(host: MigHost, { desired, gpuInstances = {} }: VgpuGoal): ReadonlyMap<number, number> {
  const facts = host.facts();
  const profileOf = (name: string) => host.known.types.find((type) => shortName(type.name) === name)!.profileId;
  const adopted = new Set<string>();
  const needed = new Map<number, number>();
  const add = (id: number, count = 1) => needed.set(id, (needed.get(id) ?? 0) + count);
  for (const { type } of desired) {
    const free = facts.vgpus.find(
      (vgpu) =>
        shortName(vgpu.type.name!) === type &&
        !adopted.has(vgpu.uuid!) &&
        !host.records.has(vgpu.uuid!) &&
        !host.vgpus.find(({ uuid }) => uuid === vgpu.uuid)!.users.length,
    );
    if (free) adopted.add(free.uuid!);
    add(profileOf(type));
  }
  const others = new Map<number, number>();
  for (const { uuid, type } of host.vgpus)
    if (!adopted.has(uuid)) others.set(type.profileId, (others.get(type.profileId) ?? 0) + 1);
  const declared = (id: number) => gpuInstances[String(id)] ?? 0;
  const ids = host.known.profiles.map(({ id }: GpuInstanceProfile) => id);
  for (const id of ids) add(id, Math.max(others.get(id) ?? 0, declared(id)));
  return needed;
}
