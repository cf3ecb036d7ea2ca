import type { HostFacts } from "../../model/facts/host-facts";
import type { Goal, Plan } from "../../plan";
import { mergePlans, planFor } from "../../plan";
import { planHost } from "../../plan/ahead/plan-host";

/** Resources of an earlier kind come first on a host. */
const order: Goal["kind"][] = ["driver", "mig", "sriov", "vgpus"];

/** The part of a plan for one resource. */
export interface RowPlan extends Plan {
  /** The resource that comes first on the host, and is blocked: `VgpuManagerInstall driver`. */
  waitsFor?: string;
}

/** The goals of the resources of one host, in the order in which the program declares them. */
export class HostGoals {
  /** Functions, because most hosts of a preview have no changes and are not planned. */
  private readonly goals = new Map<string, () => Goal>();

  add(key: string, goal: () => Goal): void {
    this.goals.set(key, goal);
  }

  /**
   * Plans the whole host as far as the program has declared it, and returns the part for some goals. So a vGPU is planned for the
   * host as it will be after a change of the driver, which the program declares first.
   */
  planFor(keys: readonly string[], facts: HostFacts): RowPlan {
    const goals = [...this.goals.values()].map((goal) => goal());
    const of = <K extends Goal["kind"]>(kind: K) =>
      goals.filter((goal): goal is Extract<Goal, { kind: K }> => goal.kind === kind);
    const plan = planHost(facts, {
      driver: of("driver").at(-1),
      mig: of("mig"),
      sriov: of("sriov"),
      vgpus: of("vgpus"),
    });
    return { ...mergePlans(...keys.map((key) => planFor(key, plan))), waitsFor: blockedBefore(keys, goals, plan) };
  }
}

function blockedBefore(keys: readonly string[], goals: readonly Goal[], { blockers }: Plan): string | undefined {
  const phaseOf = ({ kind }: Goal) => order.indexOf(kind);
  const first = Math.min(...goals.filter(({ key }) => keys.includes(key)).map(phaseOf));
  const blocked = goals.filter(({ key }) => blockers.some(({ requestedBy }) => requestedBy.includes(key)));
  return blocked.find((goal) => phaseOf(goal) < first)?.claim.resource;
}

const known = new WeakMap<object, HostGoals>();

/** Returns the goals of a host; the same for all kinds of resources. */
export function goalsOf(host: object): HostGoals {
  const goals = known.get(host) ?? new HostGoals();
  known.set(host, goals);
  return goals;
}
