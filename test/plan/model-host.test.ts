import { describe, expect, test } from "vitest";
import { isUnknown } from "../../provider/model/unknown";
import { vgpuTypeName } from "../../provider/model/vgpu-type";
import {
  partFor,
  plan,
  unblocked,
  type CardDesire,
  type Plan,
  type SriovDesire,
  type Step,
  type UnwantedVgpu,
  type WantedVgpu,
} from "../../provider/plan";
import { assignmentOf, findVgpu, identityOf, planCards } from "../../provider/plan/vgpu";
import { ModelHost, Refused, typesOf, type Kind, type ModelCard, type ModelVgpu } from "./model-host";
import { Random } from "./random";
import { claimBy } from "./claim";

const sizes: Record<Kind, string[]> = {
  A40: ["A40-12Q", "A40-12C", "A40-24Q", "A40-6Q", "A40-4Q", "A40-2B", "A40-48Q"],
  L40S: ["L40S-12Q", "L40S-24Q", "L40S-6Q", "L40S-4Q", "L40S-2B", "L40S-48Q"],
  T4: ["T4-2Q", "T4-2B", "T4-2B4", "T4-4Q", "T4-8Q", "T4-16Q"],
};

/** What a program asks for, round after round, and what its state remembers of it: as the resources do it. */
class Program {
  private readonly remembered = new Map<string, UnwantedVgpu[]>();
  desires: CardDesire[] = [];

  constructor(
    private readonly random: Random,
    private readonly host: ModelHost,
  ) {}

  /** Some layouts and some single vGPUs, others than in the round before. */
  next(): void {
    this.desires = this.host.cards.flatMap((card, n) => [
      ...(this.random.chance(70) ? [this.layout(card, `layout-${n}`)] : []),
      ...["a", "b", "c"].flatMap((name) => (this.random.chance(25) ? [this.single(card, `single-${n}-${name}`)] : [])),
    ]);
    const gone = [...this.remembered.keys()].filter((key) => !this.desires.some((desire) => desire.key === key));
    this.desires.push(...gone.map((key) => this.desire(this.host.cards[0]!, key, [], key.startsWith("layout"))));
  }

  /** As after create and update: what is there now is what the state knows. */
  remember(): void {
    const facts = this.host.facts();
    for (const desire of this.desires) {
      const { assignments, surplus } = assignmentOf(facts, desire);
      const there = [...assignments.flatMap(({ vgpu, instead }) => vgpu ?? instead ?? []), ...surplus];
      const known = there.map((vgpu) => ({
        uuid: identityOf(facts, vgpu) ?? vgpu.function,
        function: vgpu.function,
        typeId: vgpu.type.id,
      }));
      if (known.length) this.remembered.set(desire.key, known);
      else this.remembered.delete(desire.key);
    }
  }

  private layout(card: ModelCard, key: string): CardDesire {
    const types = this.random.chance(85) ? [this.random.oneOf(sizes[card.kind])] : sizes[card.kind].slice(0, 2);
    const counted = types.flatMap((type) =>
      Array.from({ length: this.random.below(6) }, (_, i): WantedVgpu => ({
        uuid: `${key}-${type}#${i}`,
        type: vgpuTypeName(type),
        interchangeable: true,
      })),
    );
    const named = this.random.chance(40) ? [this.wanted(card, `${key}-cad`, types[0]!)] : [];
    return this.desire(card, key, [...named, ...counted], true);
  }

  private single(card: ModelCard, key: string): CardDesire {
    return this.desire(card, key, [this.wanted(card, key, this.random.oneOf(sizes[card.kind]))], false);
  }

  private wanted(card: ModelCard, uuid: string, type: string): WantedVgpu {
    const virtualFunction = card.kind !== "T4" && this.random.chance(40) ? this.random.below(6) : undefined;
    const parameters = this.random.chance(20) ? "frame_rate_limiter=0" : undefined;
    return { uuid, type: vgpuTypeName(type), interchangeable: false, virtualFunction, parameters };
  }

  private desire(card: ModelCard, key: string, wanted: WantedVgpu[], whole: boolean): CardDesire {
    const kept = new Set(wanted.map(({ uuid }) => uuid));
    const unwanted = (this.remembered.get(key) ?? []).filter(({ uuid }) => !kept.has(uuid));
    return { kind: "card", key, gpu: { address: card.address }, wanted, unwanted, claim: claimBy("me"), whole };
  }
}

/** A host on which others have been before. */
function usedHost(random: Random): ModelHost {
  const host = new ModelHost();
  for (const bus of ["3b", "41", "c8"].slice(0, 1 + random.below(3)))
    host.add(random.oneOf(["A40", "L40S", "T4"] as const), `0000:${bus}:00.0`);
  for (const card of host.cards) {
    const type = random.oneOf(sizes[card.kind]);
    for (let n = random.below(4); n > 0; n--) somebodys(random, host, card, type, n);
  }
  return host;
}

function somebodys(
  random: Random,
  host: ModelHost,
  card: ModelCard,
  type: string,
  n: number,
  at = random.oneOf(host.functionsOf(card).slice(0, 8)),
): void {
  try {
    const vgpu = host.make(
      card,
      at,
      typesOf(card.kind).find(({ name }) => name!.endsWith(type))!,
      card.kind === "L40S" ? null : `${card.address}-by-hand-${n}`,
    );
    if (random.chance(40)) vgpu.users = [guest(random)];
    if (random.chance(30)) record(host, vgpu, `${at}-theirs-${n}`, "somebody else");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

/** Somebody removes a vGPU by hand, and perhaps takes its place. */
function loseToOthers(random: Random, host: ModelHost, vgpu: ModelVgpu): void {
  host.vgpus = host.vgpus.filter((other) => other !== vgpu);
  if (random.chance(50)) somebodys(random, host, vgpu.card, random.oneOf(sizes[vgpu.card.kind]), 9, vgpu.function);
}

const guest = (random: Random) => ({ guest: "web", kind: "libvirt" as const, running: random.chance(50) });

const record = (host: ModelHost, { uuid, function: at, type }: ModelVgpu, otherwise: string, owner: string) =>
  host.records.set(uuid ?? otherwise, { uuid: uuid ?? otherwise, function: at, typeId: type.id, owner });

const carryOut = (host: ModelHost, steps: readonly Step[]) => steps.forEach(({ run }) => host.run(run));

/** As the runner does it: one step fails, those that need it are left out, all others are done. */
function carryOutWithout(host: ModelHost, steps: readonly Step[], failing: Step): void {
  const failed = new Set([failing.id]);
  for (const step of steps) {
    if (step.after.some((id) => failed.has(id))) failed.add(step.id);
    if (!failed.has(step.id)) host.run(step.run);
  }
}

/** One test for many seeds; the seed that fails is told. */
function withSeeds(count: number, check: (seed: number) => void): void {
  for (let seed = 0; seed < count; seed++) {
    try {
      check(seed);
    } catch (error) {
      throw new Error(`with seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
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
    look(host, program, planCards(host.facts(), program.desires), random);
    program.remember();
    for (const vgpu of host.vgpus) if (random.chance(10)) vgpu.users = vgpu.users.length ? [] : [guest(random)];
    for (const vgpu of host.vgpus) if (random.chance(8) && !vgpu.users.length) loseToOthers(random, host, vgpu);
  }
}

describe("random programs on random hosts", () => {
  test("a plan carried out is followed by an empty plan, and what is wanted is there", () => {
    withSeeds(100, (seed) =>
      play(seed, 5, (host, { desires }, planned) => {
        carryOut(host, unblocked(planned));
        const again = planCards(host.facts(), desires);
        expect(unblocked(again).map(({ id }) => id)).toEqual([]);
        const fine = desires.filter(({ key }) => !partFor(key, planned).blockers.length);
        for (const desire of fine) {
          expect(partFor(desire.key, again).blockers).toEqual([]);
          const { assignments, surplus } = assignmentOf(host.facts(), desire);
          expect(assignments.filter(({ vgpu }) => !vgpu)).toEqual([]);
          expect(surplus).toEqual([]);
          for (const { vgpu, wanted } of assignments) expect(vgpu!.parameters).toBe(wanted.parameters ?? "");
        }
      }),
    );
  });

  test("nothing in use is touched, and nothing of somebody else's", () => {
    withSeeds(100, (seed) =>
      play(seed, 5, (host, { desires }, planned) => {
        const facts = host.facts();
        const mentioned = desires
          .flatMap(({ wanted, unwanted }) => [...wanted, ...unwanted])
          .flatMap(({ uuid }) => findVgpu(facts, uuid) ?? []);
        const isMentioned = (vgpu: ModelVgpu) =>
          mentioned.some((one) => one.function === vgpu.function && one.uuid === vgpu.uuid);
        const mustStay = host.vgpus.filter((vgpu) => vgpu.users.length || !isMentioned(vgpu));
        carryOut(host, unblocked(planned));
        expect(mustStay.filter((vgpu) => !host.vgpus.includes(vgpu))).toEqual([]);
      }),
    );
  });

  test("nothing is done for a desire that something stands in the way of", () => {
    withSeeds(100, (seed) =>
      play(seed, 5, (host, { desires }, planned) => {
        for (const { key } of desires) if (partFor(key, planned).blockers.length) expect(partFor(key, planned).steps).toEqual([]);
        carryOut(host, unblocked(planned));
      }),
    );
  });

  test("a step that fails takes along those that need it, and no other is refused for it", () => {
    withSeeds(100, (seed) =>
      play(seed, 5, (host, { desires }, planned, random) => {
        const steps = unblocked(planned);
        if (steps.length) carryOutWithout(host, steps, random.oneOf(steps));
        const rest = planCards(host.facts(), desires);
        carryOut(host, unblocked(rest));
        expect(unblocked(planCards(host.facts(), desires))).toEqual([]);
      }),
    );
  });

  test("a VF cycle takes all, and one more plan puts it back where it was", () => {
    withSeeds(100, (seed) =>
      play(seed, 4, (host, { desires }, planned) => {
        carryOut(host, unblocked(planned));
        if (host.vgpus.some(({ users }) => users.length)) return;
        const free = host.cards.filter(
          (card) => card.kind !== "T4" && host.vgpus.every((vgpu) => vgpu.card !== card || isRecorded(host, vgpu)),
        );
        const before = places(host);
        for (const { address } of free) host.run(["cycle_vfs", address, "32"]);
        const fine = desires.filter(({ key }) => !partFor(key, planned).blockers.length);
        carryOut(host, unblocked(planCards(host.facts(), fine)));
        const mine = (place: string) => fine.some(({ wanted }) => wanted.some(({ uuid }) => place.startsWith(`${uuid} `)));
        expect(places(host)).toEqual(expect.arrayContaining(before.filter(mine)));
      }),
    );
  });
});

const isRecorded = (host: ModelHost, vgpu: ModelVgpu) => places(host).some((place) => place.endsWith(` ${vgpu.function}`));

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
  const card = (host: ModelHost, count: number, type: string): CardDesire => ({
    kind: "card",
    key: "layout",
    gpu: { address: host.cards[0]!.address },
    claim: claimBy("me"),
    whole: true,
    unwanted: [],
    wanted: Array.from({ length: count }, (_, i) => ({ uuid: `u${i}`, type: vgpuTypeName(type), interchangeable: true })),
  });
  const sriov: SriovDesire = { kind: "sriov", key: "vfs", claim: claimBy("me"), state: "enabled", gpus: "all" };

  test.each(["A40", "L40S"] as const)(
    "%s from whatever state of its VFs: types are asked for only when they are there (B100)",
    (kind) => {
      for (let seed = 0; seed < 60; seed++) {
        const random = new Random(seed);
        const host = new ModelHost();
        const one = host.add(kind, "0000:41:00.0", random.chance(60));
        if (one.on) for (let n = 0; n < 32; n++) if (random.chance(20)) random.oneOf([one.unbound, one.untyped]).add(n);
        if (!one.on && random.chance(40)) one.driver = null;
        const desires = [sriov, card(host, 4, `${kind}-4Q`)];
        let planned = plan(host.facts(), desires);
        for (let round = 0; unblocked(planned).length && round < 3; round++) {
          carryOut(host, unblocked(planned));
          planned = plan(host.facts(), desires);
        }
        expect(planned).toMatchObject({ steps: [], blockers: [] });
        expect(host.vgpus).toHaveLength(4);
      }
    },
  );

  test("four halves of a quarter, then two halves, then eight sixths: one plan each", () => {
    for (const kind of ["A40", "L40S"] as const) {
      const host = new ModelHost();
      host.add(kind, "0000:41:00.0");
      let unwanted: UnwantedVgpu[] = [];
      for (const [count, size] of [
        [4, "12Q"],
        [2, "24Q"],
        [8, "6Q"],
      ] as const) {
        const desire = { ...card(host, count, `${kind}-${size}`), unwanted };
        desire.wanted.forEach((one) => (one.uuid = `${size}-${one.uuid}`));
        const planned = planCards(host.facts(), [desire]);
        expect(planned.blockers).toEqual([]);
        carryOut(host, planned.steps);
        expect(host.vgpus.map(({ type }) => type.name)).toEqual(Array(count).fill(`NVIDIA ${kind}-${size}`));
        expect(planCards(host.facts(), [desire]).steps).toEqual([]);
        const facts = host.facts();
        unwanted = desire.wanted.map(({ uuid }) => ({
          uuid,
          function: findVgpu(facts, uuid)!.function,
          typeId: findVgpu(facts, uuid)!.type.id,
        }));
      }
    }
  });
});
