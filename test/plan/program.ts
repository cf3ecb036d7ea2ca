import { vgpuTypeName } from "../../provider/model/vgpu-type";
import type { DesiredVgpu, ObsoleteVgpu, VgpuGoal } from "../../provider/plan";
import { assignmentOf, identityOf } from "../../provider/plan/vgpu";
import { recordOf } from "../../provider/plan/vgpu/vgpu";
import { claimBy } from "./claim";
import type { ModelCard } from "./model/cards";
import { sizes } from "./model/cards";
import type { ModelHost } from "./model/host";
import type { Random } from "./random";

/** What a program asks for, round after round, and what its state remembers of it: as the resources do it. */
export class Program {
  private readonly remembered = new Map<string, ObsoleteVgpu[]>();
  goals: VgpuGoal[] = [];

  constructor(
    private readonly random: Random,
    private readonly host: ModelHost,
  ) {}

  /** Some layouts and some single vGPUs, others than in the round before. */
  next(): void {
    this.goals = this.host.cards.flatMap((card, n) => [
      ...(this.random.chance(70) ? [this.layout(card, `layout-${n}`)] : []),
      ...["a", "b", "c"].flatMap((name) => (this.random.chance(25) ? [this.single(card, `single-${n}-${name}`)] : [])),
    ]);
    const gone = [...this.remembered.keys()].filter((key) => !this.goals.some((goal) => goal.key === key));
    this.goals.push(...gone.map((key) => this.goal(this.host.cards[0]!, key, [], key.startsWith("layout"))));
  }

  /** As after create and update: what is there now is what the state knows. */
  remember(): void {
    const facts = this.host.facts();
    for (const goal of this.goals) {
      const { assignments, surplus } = assignmentOf(facts, goal);
      const there = [...assignments.flatMap(({ vgpu, conflicting }) => vgpu ?? conflicting ?? []), ...surplus];
      const known = there.map((vgpu) => ({
        uuid: identityOf(facts, vgpu) ?? vgpu.function,
        function: vgpu.function,
        typeId: vgpu.type.id,
        ...(recordOf(facts, vgpu)?.adopted && { adopted: true as const }),
      }));
      if (known.length) this.remembered.set(goal.key, known);
      else this.remembered.delete(goal.key);
    }
  }

  private layout(card: ModelCard, key: string): VgpuGoal {
    const types = this.random.chance(85) ? [this.random.oneOf(sizes[card.kind])] : sizes[card.kind].slice(0, 2);
    const counted = types.flatMap((type) =>
      Array.from(
        { length: this.random.below(6) },
        (_, i): DesiredVgpu => ({
          uuid: `${key}-${type}#${i}`,
          type: vgpuTypeName(type),
          interchangeable: true,
        }),
      ),
    );
    const named = this.random.chance(40) ? [this.wanted(card, `${key}-cad`, types[0]!)] : [];
    return this.goal(card, key, [...named, ...counted], true);
  }

  private single(card: ModelCard, key: string): VgpuGoal {
    return this.goal(card, key, [this.wanted(card, key, this.random.oneOf(sizes[card.kind]))], false);
  }

  private wanted(card: ModelCard, uuid: string, type: string): DesiredVgpu {
    const virtualFunction = card.kind !== "T4" && this.random.chance(40) ? this.random.below(6) : undefined;
    const parameters = this.random.chance(20) ? "frame_rate_limiter=0" : undefined;
    return { uuid, type: vgpuTypeName(type), interchangeable: false, virtualFunction, parameters };
  }

  private goal(card: ModelCard, key: string, desired: DesiredVgpu[], managesWholeGpu: boolean): VgpuGoal {
    const kept = new Set(desired.map(({ uuid }) => uuid));
    const obsolete = (this.remembered.get(key) ?? []).filter(({ uuid }) => !kept.has(uuid));
    return {
      kind: "vgpus",
      key,
      gpu: { address: card.address },
      desired,
      obsolete,
      claim: claimBy("me"),
      managesWholeGpu,
    };
  }
}
