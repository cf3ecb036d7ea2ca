import { describe, expect, test } from "vitest";
import { isUnknown } from "../../provider/model/unknown";
import { vgpuTypeName } from "../../provider/model/vgpu-type";
import type { ObsoleteVgpu, Plan, SriovGoal, Step, VgpuGoal } from "../../provider/plan";
import { plan, planFor, unblockedSteps } from "../../provider/plan";
import { assignmentOf, findVgpu, identityOf, planVgpus } from "../../provider/plan/vgpu";
import { claimBy } from "./claim";
import type { ModelVgpu } from "./model/cards";
import { ModelHost } from "./model/host";
import { guest, loseToOthers, usedHost } from "./others";
import { Program } from "./program";
import { Random } from "./random";
import { withSeeds } from "./with-seeds";

const carryOut = (host: ModelHost, steps: readonly Step[]) => steps.forEach(({ command }) => host.run(command));

/** As the runner does it: one step fails, those that need it are left out, all others are done. */
function carryOutWithout(host: ModelHost, steps: readonly Step[], failing: Step): void {
  const failed = new Set([failing.id]);
  for (const step of steps) {
    if (step.dependsOn.some((id) => failed.has(id))) failed.add(step.id);
    if (!failed.has(step.id)) host.run(step.command);
  }
}

/** Several rounds of a changing program on one host; `look` sees each plan, and its outcome. */
function play(
  seed: number,
  count: number,
  look: (host: ModelHost, program: Program, planned: Plan, random: Random) => void,
): void {
  const random = new Random(seed);
  const host = usedHost(random);
  const program = new Program(random, host);
  for (let round = 0; round < count; round++) {
    program.next();
    look(host, program, planVgpus(host.facts(), program.goals), random);
    program.remember();
    for (const vgpu of host.vgpus) if (random.chance(10)) vgpu.users = vgpu.users.length ? [] : [guest(random)];
    for (const vgpu of host.vgpus) if (random.chance(8) && !vgpu.users.length) loseToOthers(random, host, vgpu);
  }
}

describe("random programs on random hosts", () => {
  test("after a plan is applied, the next plan is empty and all declared vGPUs exist", async () => {
    await withSeeds(100, (seed) =>
      play(seed, 5, (host, { goals }, planned) => {
        carryOut(host, unblockedSteps(planned));
        const again = planVgpus(host.facts(), goals);
        expect(unblockedSteps(again).map(({ id }) => id)).toEqual([]);
        const fine = goals.filter(({ key }) => !planFor(key, planned).blockers.length);
        for (const goal of fine) {
          expect(planFor(goal.key, again).blockers).toEqual([]);
          const { assignments, surplus } = assignmentOf(host.facts(), goal);
          expect(assignments.filter(({ vgpu }) => !vgpu)).toEqual([]);
          expect(surplus).toEqual([]);
          for (const { vgpu, desired } of assignments) expect(vgpu!.parameters).toBe(desired.parameters ?? "");
        }
      }),
    );
  });

  test("plans touch no vGPU in use, and none of another owner", async () => {
    await withSeeds(100, (seed) =>
      play(seed, 5, (host, { goals }, planned) => {
        const facts = host.facts();
        const mentioned = goals
          .flatMap(({ desired, obsolete }) => [...desired, ...obsolete])
          .flatMap(({ uuid }) => findVgpu(facts, uuid) ?? []);
        const isMentioned = (vgpu: ModelVgpu) =>
          mentioned.some((one) => one.function === vgpu.function && one.uuid === vgpu.uuid);
        const mustStay = host.vgpus.filter((vgpu) => vgpu.users.length || !isMentioned(vgpu));
        carryOut(host, unblockedSteps(planned));
        expect(mustStay.filter((vgpu) => !host.vgpus.includes(vgpu))).toEqual([]);
      }),
    );
  });

  test("a blocked goal has no steps", async () => {
    await withSeeds(100, (seed) =>
      play(seed, 5, (host, { goals }, planned) => {
        for (const { key } of goals)
          if (planFor(key, planned).blockers.length) expect(planFor(key, planned).steps).toEqual([]);
        carryOut(host, unblockedSteps(planned));
      }),
    );
  });

  test("a failed step stops only the steps that depend on it", async () => {
    await withSeeds(100, (seed) =>
      play(seed, 5, (host, { goals }, planned, random) => {
        const steps = unblockedSteps(planned);
        if (steps.length) carryOutWithout(host, steps, random.oneOf(steps));
        const rest = planVgpus(host.facts(), goals);
        carryOut(host, unblockedSteps(rest));
        expect(unblockedSteps(planVgpus(host.facts(), goals))).toEqual([]);
      }),
    );
  });

  test("after a VF cycle, one more plan restores all vGPUs in their places", async () => {
    await withSeeds(100, (seed) =>
      play(seed, 4, (host, { goals }, planned) => {
        carryOut(host, unblockedSteps(planned));
        if (host.vgpus.some(({ users }) => users.length)) return;
        const free = host.cards.filter(
          (card) => card.kind !== "T4" && host.vgpus.every((vgpu) => vgpu.card !== card || isRecorded(host, vgpu)),
        );
        const before = places(host);
        for (const { address } of free) host.run(["cycle_vfs", address, "32"]);
        const fine = goals.filter(({ key }) => !planFor(key, planned).blockers.length);
        carryOut(host, unblockedSteps(planVgpus(host.facts(), fine)));
        const mine = (place: string) =>
          fine.some(({ desired }) => desired.some(({ uuid }) => place.startsWith(`${uuid} `)));
        expect(places(host)).toEqual(expect.arrayContaining(before.filter(mine)));
      }),
    );
  });
});

const isRecorded = (host: ModelHost, vgpu: ModelVgpu) =>
  places(host).some((place) => place.endsWith(` ${vgpu.function}`));

/** `UUID FUNCTION` of all that is there and recorded. */
function places(host: ModelHost): string[] {
  const facts = host.facts();
  if (isUnknown(facts.records)) return [];
  return facts.records
    .flatMap(({ uuid }) => {
      const vgpu = findVgpu(facts, uuid);
      return vgpu && identityOf(facts, vgpu) === uuid ? [`${uuid} ${vgpu.function}`] : [];
    })
    .sort();
}

describe("virtual functions and vGPUs in one plan", () => {
  const card = (host: ModelHost, count: number, type: string): VgpuGoal => ({
    kind: "vgpus",
    key: "layout",
    gpu: { address: host.cards[0]!.address },
    claim: claimBy("me"),
    managesWholeGpu: true,
    obsolete: [],
    desired: Array.from({ length: count }, (_, i) => ({
      uuid: `u${i}`,
      type: vgpuTypeName(type),
      interchangeable: true,
    })),
  });
  const sriov: SriovGoal = { kind: "sriov", key: "vfs", claim: claimBy("me"), state: "enabled", gpus: "all" };

  test.each(["A40", "L40S"] as const)(
    "%s from whatever state of its VFs: types are asked for only when they are there (B100)",
    (kind) => {
      for (let seed = 0; seed < 60; seed++) {
        const random = new Random(seed);
        const host = new ModelHost();
        const one = host.add(kind, "0000:41:00.0", random.chance(60));
        if (one.on) for (let n = 0; n < 32; n++) if (random.chance(20)) random.oneOf([one.unbound, one.untyped]).add(n);
        if (!one.on && random.chance(40)) one.driver = null;
        const goals = [sriov, card(host, 4, `${kind}-4Q`)];
        let planned = plan(host.facts(), goals);
        for (let round = 0; unblockedSteps(planned).length && round < 3; round++) {
          carryOut(host, unblockedSteps(planned));
          planned = plan(host.facts(), goals);
        }
        expect(planned).toMatchObject({ steps: [], blockers: [] });
        expect(host.vgpus).toHaveLength(4);
      }
    },
  );

  test("each change of the framebuffer size of a full GPU takes one plan", () => {
    for (const kind of ["A40", "L40S"] as const) {
      const host = new ModelHost();
      host.add(kind, "0000:41:00.0");
      let obsolete: ObsoleteVgpu[] = [];
      for (const [count, size] of [
        [4, "12Q"],
        [2, "24Q"],
        [8, "6Q"],
      ] as const) {
        const goal = { ...card(host, count, `${kind}-${size}`), obsolete };
        goal.desired.forEach((one) => (one.uuid = `${size}-${one.uuid}`));
        const planned = planVgpus(host.facts(), [goal]);
        expect(planned.blockers).toEqual([]);
        carryOut(host, planned.steps);
        expect(host.vgpus.map(({ type }) => type.name)).toEqual(Array(count).fill(`NVIDIA ${kind}-${size}`));
        expect(planVgpus(host.facts(), [goal]).steps).toEqual([]);
        const facts = host.facts();
        obsolete = goal.desired.map(({ uuid }) => ({
          uuid,
          function: findVgpu(facts, uuid)!.function,
          typeId: findVgpu(facts, uuid)!.type.id,
        }));
      }
    }
  });
});
