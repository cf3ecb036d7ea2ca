import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isType } from "../../model/vgpu-type";
import type { DesiredVgpu, VgpuGoal } from "../goal";
import { isInUse } from "../use";
import { isOfInstance, isOfOtherInstance, isOwn, ownershipOf, siblingWith } from "./ownership";
import { findVgpu, identityOf, recordOf, recordsOf } from "./vgpu";

/** What exists for one desired vGPU. */
export interface Assignment {
  desired: DesiredVgpu;
  /** It is as desired, up to its parameters. */
  vgpu: Vgpu | null;
  /** It has the same UUID, but is not as desired. */
  conflicting: Vgpu | null;
  /** The identity of the vGPU that exists, else the one that it will get. */
  uuid: string;
}

export interface Assigned {
  assignments: Assignment[];
  /** vGPUs that were created for this goal and are not assigned any more. */
  surplus: Vgpu[];
}

/** A goal with the GPU that it names; null if that is not found. */
export interface GoalOnGpu {
  goal: VgpuGoal;
  gpu: Gpu | null;
}

/**
 * Assigns vGPUs to all goals at once, so that none takes another's: first to desired vGPUs with an identity of their own, then to
 * counts. Of a count, vGPUs in use stay, and those without an owner are adopted last.
 */
export function assign(facts: HostFacts, goalsOnGpus: readonly GoalOnGpu[]): Map<VgpuGoal, Assigned> {
  const assigner = new Assigner(facts, goalsOnGpus);
  const named = goalsOnGpus.map((one) => assigner.assignNamed(one));
  const assignments = goalsOnGpus.map((one, i) => [...named[i]!, ...assigner.assignCounts(one)]);
  return new Map(
    goalsOnGpus.map(({ goal }, i) => [
      goal,
      { assignments: assignments[i]!, surplus: assigner.surplus(goal, assignments[i]!) },
    ]),
  );
}

class Assigner {
  private readonly assigned = new Set<Vgpu>();
  /** UUIDs that any goal names. */
  private readonly claimed: Set<string>;

  constructor(
    private readonly facts: HostFacts,
    goalsOnGpus: readonly GoalOnGpu[],
  ) {
    this.claimed = new Set(
      goalsOnGpus.flatMap(({ goal }) => [...goal.desired, ...goal.obsolete].map(({ uuid }) => uuid)),
    );
  }

  assignNamed(one: GoalOnGpu): Assignment[] {
    return one.goal.desired
      .filter(({ interchangeable }) => !interchangeable)
      .map((desired) => this.assignOne(one, desired));
  }

  private assignOne({ goal, gpu }: GoalOnGpu, desired: DesiredVgpu): Assignment {
    const found =
      this.ifUnassigned(findVgpu(this.facts, desired.uuid)) ??
      this.ifUnassigned(this.unrecordedInPlace(gpu, desired)) ??
      this.ifUnassigned(this.unrecordedInState(desired));
    if (found) this.assigned.add(found);
    const fits = found && gpu && matches(gpu, desired, found) && ownershipOf(this.facts, goal, found) !== "others";
    return {
      desired,
      vgpu: fits ? found : null,
      conflicting: fits ? null : found,
      uuid: this.uuidOf(found) ?? desired.uuid,
    };
  }

  /** In the vendor framework a vGPU without a record has no identity but its place, so naming the place names the vGPU. */
  private unrecordedInPlace(gpu: Gpu | null, desired: DesiredVgpu): Vgpu | null {
    if (!gpu || desired.virtualFunction === undefined) return null;
    return this.findUnrecorded((vgpu) => matches(gpu, desired, vgpu));
  }

  /** If its record is lost, a vGPU of the vendor framework is still where the state has it. After a reboot the record is there. */
  private unrecordedInState({ uuid, last }: DesiredVgpu): Vgpu | null {
    if (!last || recordsOf(this.facts).some((record) => record.uuid === uuid)) return null;
    return this.findUnrecorded((vgpu) => vgpu.function === last.function && vgpu.type.id === last.typeId);
  }

  private findUnrecorded(fits: (vgpu: Vgpu) => boolean): Vgpu | null {
    return this.facts.vgpus.find((vgpu) => vgpu.uuid === null && fits(vgpu) && !recordOf(this.facts, vgpu)) ?? null;
  }

  assignCounts({ goal, gpu }: GoalOnGpu): Assignment[] {
    const counted = goal.desired.filter(({ interchangeable }) => interchangeable);
    const types = [...new Set(counted.map(({ type }) => type))];
    return types.flatMap((type) => {
      const sameType = counted.filter((one) => one.type === type);
      const chosen = gpu ? this.choose(goal, gpu, sameType) : [];
      chosen.forEach((vgpu) => this.assigned.add(vgpu));
      return this.pair(sameType, chosen);
    });
  }

  /** Chooses as many vGPUs as are desired, by their rank. */
  private choose(goal: VgpuGoal, gpu: Gpu, sameType: DesiredVgpu[]): Vgpu[] {
    const rankOf = this.ranking(goal, sameType);
    return this.facts.vgpus
      .filter((vgpu) => !this.assigned.has(vgpu) && matches(gpu, sameType[0]!, vgpu))
      .flatMap((vgpu) => {
        const rank = rankOf(vgpu);
        return rank === null ? [] : [{ vgpu, rank }];
      })
      .sort((one, other) => one.rank - other.rank)
      .map(({ vgpu }) => vgpu)
      .slice(0, sameType.length);
  }

  /** Returns a function that ranks vGPUs for a count: the lowest rank is assigned first, null never. */
  private ranking(goal: VgpuGoal, sameType: DesiredVgpu[]): (vgpu: Vgpu) => number | null {
    const created = this.createdFor({ ...goal, desired: sameType });
    const desiredUuids = new Set(sameType.map(({ uuid }) => uuid));
    return (vgpu) => {
      const ownership = ownershipOf(this.facts, goal, vgpu);
      const uuid = vgpu.uuid ?? "";
      if (created.includes(vgpu)) return isInUse(vgpu.users) ? 0 : 1;
      if (ownership === "others" || ownership === "adopted" || ownership === "ours") return null;
      if (desiredUuids.has(uuid) || sameType.some((one) => this.unrecordedInState(one) === vgpu)) return 2;
      if (siblingWith(goal, vgpu)) return null;
      if (ownership === "takenOver") return this.claimed.has(uuid) ? null : 3;
      return this.isAdoptable(vgpu) ? 4 : null;
    };
  }

  /** Pairs each desired vGPU with its own if that is chosen, else with the one that serves as it, else with any. */
  private pair(sameType: DesiredVgpu[], chosen: Vgpu[]): Assignment[] {
    const pairs = pairByPreference(sameType, chosen, [
      ({ uuid }, vgpu) => this.uuidOf(vgpu) === uuid,
      ({ uuid }, vgpu) => recordOf(this.facts, vgpu)?.servesAs === uuid,
      (one, vgpu) => this.unrecordedInState(one) === vgpu,
      () => true,
    ]);
    return sameType.map((desired) => {
      const vgpu = pairs.get(desired) ?? null;
      const conflicting = vgpu ? null : this.unassignedWith(desired.uuid);
      return { desired, vgpu, conflicting, uuid: this.uuidOf(vgpu) ?? desired.uuid };
    });
  }

  surplus(goal: VgpuGoal, assignments: Assignment[]): Vgpu[] {
    const conflicting = new Set(assignments.map((one) => one.conflicting));
    const isOfOther = (vgpu: Vgpu) => isOfOtherInstance(goal.claim, recordOf(this.facts, vgpu));
    return this.createdFor(goal).filter(
      (vgpu) => !this.assigned.has(vgpu) && !conflicting.has(vgpu) && !isOfOther(vgpu),
    );
  }

  /** Returns what was created or adopted for a goal, even if it is obsolete now. */
  private createdFor(goal: VgpuGoal): Vgpu[] {
    const counted = goal.desired.filter(({ interchangeable }) => interchangeable);
    const named = [...counted, ...goal.obsolete].flatMap(({ uuid }) => findVgpu(this.facts, uuid) ?? []);
    const recorded = this.facts.vgpus.filter((vgpu) => isOfInstance(goal.claim, recordOf(this.facts, vgpu)));
    return [...new Set([...named, ...recorded])].filter((vgpu) => this.isOurs(goal, vgpu));
  }

  /** Returns whether a count may adopt it. One with parameters or a user belongs to the person who set it up. */
  private isAdoptable(vgpu: Vgpu): boolean {
    return !this.claimed.has(vgpu.uuid ?? "") && vgpu.parameters === "" && !isInUse(vgpu.users);
  }

  private isOurs(goal: VgpuGoal, vgpu: Vgpu): boolean {
    const record = recordOf(this.facts, vgpu);
    return record ? isOwn(goal, record) : ownershipOf(this.facts, goal, vgpu) === "ours";
  }

  private unassignedWith(uuid: string): Vgpu | null {
    return this.ifUnassigned(this.facts.vgpus.find((vgpu) => this.uuidOf(vgpu) === uuid) ?? null);
  }

  private ifUnassigned(vgpu: Vgpu | null): Vgpu | null {
    return vgpu && !this.assigned.has(vgpu) ? vgpu : null;
  }

  private uuidOf(vgpu: Vgpu | null): string | null {
    return vgpu && identityOf(this.facts, vgpu);
  }
}

type Fits = (desired: DesiredVgpu, vgpu: Vgpu) => boolean;

/** Gives each desired vGPU the first free one that fits: all by the first preference, the rest by the next. */
function pairByPreference(
  desired: readonly DesiredVgpu[],
  vgpus: readonly Vgpu[],
  preferences: readonly Fits[],
): Map<DesiredVgpu, Vgpu> {
  const pairs = new Map<DesiredVgpu, Vgpu>();
  const free = new Set(vgpus);
  for (const fits of preferences)
    for (const one of desired) {
      const vgpu = pairs.has(one) ? undefined : [...free].find((candidate) => fits(one, candidate));
      if (!vgpu) continue;
      pairs.set(one, vgpu);
      free.delete(vgpu);
    }
  return pairs;
}

/** Returns whether a vGPU is on this GPU, of the desired type, and on the desired VF. */
function matches(gpu: Gpu, { type, virtualFunction }: DesiredVgpu, vgpu: Vgpu): boolean {
  if (vgpu.gpu !== gpu.address || !isType(type, vgpu.type)) return false;
  const fn = gpu.functions.find(({ address }) => address === vgpu.function);
  return virtualFunction === undefined || virtualFunction === vgpu.function || virtualFunction === fn?.index;
}
