import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isType } from "../../model/vgpu-type";
import type { DesiredVgpu, VgpuGoal } from "../goal";
import { isInUse } from "./blockers";
import { isOwn, ownershipOf } from "./ownership";
import { isOfInstance, isOfOtherInstance } from "./record";
import { siblingWith } from "./siblings";
import { findVgpu, identityOf, recordOf, recordsOf } from "./vgpu";

/** What there is for one wanted vGPU. */
export interface Assignment {
  wanted: DesiredVgpu;
  /** As wanted, up to its parameters. */
  vgpu: Vgpu | null;
  /** What stands under its UUID, but is not as wanted. */
  conflicting: Vgpu | null;
  /** The identity of the vGPU that is there, else the one that it will get. */
  uuid: string;
}

export interface Assigned {
  assignments: Assignment[];
  /** vGPUs that were made for this goal and serve nobody any more. */
  surplus: Vgpu[];
}

/** A goal with the card that it means. */
export interface GoalOnGpu {
  goal: VgpuGoal;
  gpu: Gpu | null;
}

/**
 * Who serves what, for all goals at once, so that none takes another's: first the wanted ones with an identity of their
 * own; then those of the counts, of which those in use stay, and those that nobody claims are adopted last.
 */
export function assign(facts: HostFacts, onCards: readonly GoalOnGpu[]): Map<VgpuGoal, Assigned> {
  const assigner = new Assigner(facts, onCards);
  const singles = onCards.map((one) => assigner.matchNamed(one));
  const assignments = onCards.map((one, i) => [...singles[i]!, ...assigner.counted(one)]);
  return new Map(
    onCards.map(({ goal }, i) => [
      goal,
      { assignments: assignments[i]!, surplus: assigner.surplus(goal, assignments[i]!) },
    ]),
  );
}

class Assigner {
  private readonly taken = new Set<Vgpu>();
  private readonly claimed: Set<string>;

  constructor(
    private readonly facts: HostFacts,
    onCards: readonly GoalOnGpu[],
  ) {
    this.claimed = new Set(onCards.flatMap(({ goal }) => [...goal.desired, ...goal.obsolete].map(({ uuid }) => uuid)));
  }

  matchNamed(one: GoalOnGpu): Assignment[] {
    return one.goal.desired.filter(({ interchangeable }) => !interchangeable).map((wanted) => this.single(one, wanted));
  }

  private single({ goal, gpu }: GoalOnGpu, wanted: DesiredVgpu): Assignment {
    const there =
      this.free(findVgpu(this.facts, wanted.uuid)) ??
      this.free(this.unclaimedAt(gpu, wanted)) ??
      this.free(this.unrecordedAt(wanted));
    if (there) this.taken.add(there);
    const fits = there && gpu && matches(gpu, wanted, there) && ownershipOf(this.facts, goal, there) !== "others";
    return {
      wanted,
      vgpu: fits ? there : null,
      conflicting: fits ? null : there,
      uuid: this.identity(there) ?? wanted.uuid,
    };
  }

  /** One of the vendor framework has no identity but its place: whoever names the place means it. */
  private unclaimedAt(gpu: Gpu | null, wanted: DesiredVgpu): Vgpu | null {
    if (!gpu || wanted.virtualFunction === undefined) return null;
    return (
      this.facts.vgpus.find(
        (vgpu) => vgpu.uuid === null && matches(gpu, wanted, vgpu) && !recordOf(this.facts, vgpu),
      ) ?? null
    );
  }

  /** Where its record is lost, one of the vendor framework is still where the state has it; after a reboot the record is there. */
  private unrecordedAt({ uuid, last }: DesiredVgpu): Vgpu | null {
    if (!last || recordsOf(this.facts).some((record) => record.uuid === uuid)) return null;
    const isIt = (vgpu: Vgpu) => vgpu.uuid === null && vgpu.function === last.function && vgpu.type.id === last.typeId;
    return this.facts.vgpus.find((vgpu) => isIt(vgpu) && !recordOf(this.facts, vgpu)) ?? null;
  }

  counted({ goal, gpu }: GoalOnGpu): Assignment[] {
    const wanted = goal.desired.filter(({ interchangeable }) => interchangeable);
    const types = [...new Set(wanted.map(({ type }) => type))];
    return types.flatMap((type) => {
      const alike = wanted.filter((one) => one.type === type);
      const chosen = gpu ? this.choose(goal, gpu, alike) : [];
      chosen.forEach((vgpu) => this.taken.add(vgpu));
      return this.pair(alike, chosen);
    });
  }

  /** Those under a wanted UUID first, then others of this goal, those to take over, and strangers that are free and no other resource has. */
  private choose(goal: VgpuGoal, gpu: Gpu, alike: DesiredVgpu[]): Vgpu[] {
    const fitting = this.facts.vgpus.filter((vgpu) => !this.taken.has(vgpu) && matches(gpu, alike[0]!, vgpu));
    const made = this.createdFor({ ...goal, desired: alike });
    const wanted = new Set(alike.map(({ uuid }) => uuid));
    const rank = (vgpu: Vgpu): number | null => {
      const is = ownershipOf(this.facts, goal, vgpu);
      if (made.includes(vgpu)) return isInUse(vgpu) ? 0 : 1;
      if (is === "others" || is === "adopted" || is === "ours") return null;
      if (wanted.has(vgpu.uuid ?? "")) return 2;
      if (siblingWith(goal, vgpu)) return null;
      if (is === "takenOver") return this.claimed.has(vgpu.uuid ?? "") ? null : 3;
      return this.isAnybodys(vgpu) ? 4 : null;
    };
    const ranked = fitting.flatMap((vgpu) => {
      const at = rank(vgpu);
      return at === null ? [] : [{ vgpu, at }];
    });
    return ranked
      .sort((one, other) => one.at - other.at)
      .map(({ vgpu }) => vgpu)
      .slice(0, alike.length);
  }

  /** Each wanted one keeps its own where it can. */
  private pair(alike: DesiredVgpu[], chosen: Vgpu[]): Assignment[] {
    const left = new Set(chosen);
    const served = new Map<DesiredVgpu, Vgpu>();
    const give = (fits: (wanted: DesiredVgpu, vgpu: Vgpu) => boolean) => {
      for (const wanted of alike) {
        const vgpu = served.has(wanted) ? undefined : [...left].find((one) => fits(wanted, one));
        if (vgpu) served.set(wanted, vgpu), left.delete(vgpu);
      }
    };
    give((wanted, vgpu) => this.identity(vgpu) === wanted.uuid);
    give((wanted, vgpu) => recordOf(this.facts, vgpu)?.servesAs === wanted.uuid);
    give(() => true);
    return alike.map((wanted) => {
      const vgpu = served.get(wanted) ?? null;
      const conflicting = vgpu
        ? null
        : this.free(this.facts.vgpus.find((other) => this.identity(other) === wanted.uuid) ?? null);
      return { wanted, vgpu, conflicting, uuid: this.identity(vgpu) ?? wanted.uuid };
    });
  }

  surplus(goal: VgpuGoal, assignments: Assignment[]): Vgpu[] {
    const conflicting = new Set(assignments.map((one) => one.conflicting));
    const isElsewhere = (vgpu: Vgpu) => isOfOtherInstance(goal.claim, recordOf(this.facts, vgpu));
    return this.createdFor(goal).filter(
      (vgpu) => !this.taken.has(vgpu) && !conflicting.has(vgpu) && !isElsewhere(vgpu),
    );
  }

  /** What was made or adopted for a goal, whatever it is wanted for now. */
  private createdFor(goal: VgpuGoal): Vgpu[] {
    const counted = goal.desired.filter(({ interchangeable }) => interchangeable);
    const named = [...counted, ...goal.obsolete].flatMap(({ uuid }) => findVgpu(this.facts, uuid) ?? []);
    const recorded = this.facts.vgpus.filter((vgpu) => isOfInstance(goal.claim, recordOf(this.facts, vgpu)));
    return [...new Set([...named, ...recorded])].filter((vgpu) => this.isOurs(goal, vgpu));
  }

  /** For a count: with parameters that somebody set it is somebody's, and so it is while a guest uses it. */
  private isAnybodys(vgpu: Vgpu): boolean {
    return !this.claimed.has(vgpu.uuid ?? "") && vgpu.parameters === "" && !isInUse(vgpu);
  }

  private isOurs(goal: VgpuGoal, vgpu: Vgpu): boolean {
    const record = recordOf(this.facts, vgpu);
    return record ? isOwn(goal, record) : ownershipOf(this.facts, goal, vgpu) === "ours";
  }

  private free(vgpu: Vgpu | null): Vgpu | null {
    return vgpu && !this.taken.has(vgpu) ? vgpu : null;
  }

  private identity(vgpu: Vgpu | null): string | null {
    return vgpu && identityOf(this.facts, vgpu);
  }
}

/** On this card, of this type, and on the VF that was asked for. */
function matches(gpu: Gpu, { type, virtualFunction }: DesiredVgpu, vgpu: Vgpu): boolean {
  if (vgpu.gpu !== gpu.address || !isType(type, vgpu.type)) return false;
  const at = gpu.functions.find(({ address }) => address === vgpu.function);
  return virtualFunction === undefined || virtualFunction === vgpu.function || virtualFunction === at?.index;
}
