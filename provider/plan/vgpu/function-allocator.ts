import type { Gpu, VgpuFunction } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { formatGpu } from "../format";
import type { DesiredVgpu, VgpuGoal } from "../goal";
import type { BlockerReason } from "../plan";
import { isFree, mayRun, usedReason } from "../use";
import type { Occupant } from "./capacity";
import type { Creation } from "./gpu-changes";
import { recordsOf } from "./vgpu";

/** The functions of a card, and for whom they are kept. */
export class FunctionAllocator {
  private readonly usable: VgpuFunction[];
  /** Address to the UUID that asks for it. */
  private readonly asked = new Map<string, string>();
  /** UUID to the address that it has, or had before it was lost. */
  private readonly remembered: Map<string, string>;

  constructor(
    facts: HostFacts,
    private readonly gpu: Gpu,
    goals: readonly VgpuGoal[],
  ) {
    this.usable = gpu.functions.filter(({ framework, driver }) => framework !== null && driver === "nvidia");
    const wanted = goals.flatMap((goal) => goal.desired);
    for (const one of wanted) {
      const asked = this.askedFor(one);
      if (asked && !this.asked.has(asked.address)) this.asked.set(asked.address, one.uuid);
    }
    const going = new Set(goals.flatMap((goal) => goal.obsolete.map(({ uuid }) => uuid)));
    for (const { uuid } of wanted) going.delete(uuid);
    this.remembered = new Map(
      recordsOf(facts).flatMap(({ uuid, function: at }) => (going.has(uuid) ? [] : [[uuid, at] as const])),
    );
  }

  /** Where it was asked to be, else where it was, else the first free function that nobody else has a claim to. */
  choose({ wanted, replaces }: Creation, standing: readonly Occupant[]): VgpuFunction | BlockerReason {
    const isVacant = (fn: VgpuFunction) =>
      fn.index === null || (!standing.some(({ at }) => at === fn.address) && !mayRun(fn.users));
    if (wanted.virtualFunction !== undefined) return this.exactly(wanted, standing, isVacant);
    const free = this.usable.filter(
      (fn) => isVacant(fn) && (this.asked.get(fn.address) ?? wanted.uuid) === wanted.uuid,
    );
    const before = [this.remembered.get(wanted.uuid), replaces?.function];
    return (
      free.find(({ address }) => before.includes(address)) ??
      free.find((fn) => !this.isRemembered(fn) && !isNamed(fn)) ??
      free[0] ?? {
        device: this.gpu.address,
        reason: `all ${this.usable.length} virtual functions of ${formatGpu(this.gpu)} are taken`,
        hint: "Remove a vGPU that nobody needs",
      }
    );
  }

  private exactly(
    wanted: DesiredVgpu,
    standing: readonly Occupant[],
    isVacant: (fn: VgpuFunction) => boolean,
  ): VgpuFunction | BlockerReason {
    const { virtualFunction } = wanted;
    const fn = this.askedFor(wanted);
    const device = fn?.address ?? this.gpu.address;
    const hint = "Choose another, or none";
    if (!fn || fn.index === null)
      return { device, reason: `${formatGpu(this.gpu)} has no virtual function ${virtualFunction}`, hint };
    if (!this.usable.includes(fn))
      return { device, reason: `the virtual function ${fn.address} offers no vGPU types`, hint };
    const there = standing.find(({ at }) => at === fn.address);
    if (there)
      return {
        device,
        reason: `the virtual function ${fn.address} ${there.comesWith ? "is wanted for another" : "carries"} ${there.name} already`,
        hint,
      };
    if (!isVacant(fn))
      return {
        device,
        ...usedReason(`the virtual function ${fn.address}`, fn.users, hint),
      };
    return fn;
  }

  private askedFor({ virtualFunction }: DesiredVgpu): VgpuFunction | undefined {
    return this.gpu.functions.find(
      ({ index, address }) =>
        virtualFunction !== undefined && (virtualFunction === index || virtualFunction === address),
    );
  }

  private isRemembered({ address, index }: VgpuFunction): boolean {
    return index !== null && [...this.remembered.values()].some((at) => at === address);
  }
}

/** In the vendor framework guests name a VF, and would get whatever sits there. */
const isNamed = ({ users, index }: VgpuFunction) => index !== null && !isFree(users);

/** Whose record speaks of this VF, though its vGPU is gone. */
export function displacedRecords(
  facts: HostFacts,
  fn: VgpuFunction,
  by: DesiredVgpu,
  carried: readonly Vgpu[],
): string[] {
  if (fn.index === null || fn.framework !== "vendor") return [];
  const isThere = (typeId: number) => carried.some((vgpu) => vgpu.function === fn.address && vgpu.type.id === typeId);
  return recordsOf(facts).flatMap((one) =>
    one.function === fn.address && one.uuid !== by.uuid && !isThere(one.typeId) ? [one.uuid] : [],
  );
}
